// Builds elements. Texts go in as text nodes, whatever stands in them: nothing here reads markup.

/**
 * @param {Document} document
 * @returns makes an element of its name, its attributes (functions are listeners) and its children, elements or texts
 */
export const builder =
  (document) =>
  (name, attributes = {}, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (typeof value === 'function') element.addEventListener(key, value);
      else if (value !== undefined) element.setAttribute(key, value);
    }
    const nodes = children.map((child) =>
      typeof child === 'object' ? child : document.createTextNode(String(child)),
    );
    element.append(...nodes);
    return element;
  };
