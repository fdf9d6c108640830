// Jest runs in its CommonJS mode (its ESM mode fails when a CommonJS package requires an ES module on Node 20),
// while NestJS 12 and others ship ES modules only: so every file with ESM syntax becomes CommonJS, ours and theirs.
const { transformSync, version } = require('@swc/core');
const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');

const self = readFileSync(__filename);
const usesEsm = (source) => /^\s*(import|export)[\s{*"']/m.test(source) || source.includes('import.meta');

const typescript = {
  parser: { syntax: 'typescript', decorators: true },
  transform: { legacyDecorator: true, decoratorMetadata: true, hidden: { jest: true } },
};
const javascript = { parser: { syntax: 'ecmascript' }, transform: { hidden: { jest: true } } };

module.exports = {
  getCacheKey: (source, file) =>
    createHash('sha1').update(self).update(version).update(file).update(source).digest('hex'),
  process(source, file) {
    const isTypeScript = /\.[cm]?tsx?$/.test(file);
    if (!isTypeScript && !usesEsm(source)) return { code: source };
    return transformSync(source, {
      filename: file,
      sourceMaps: 'inline',
      swcrc: false,
      configFile: false,
      module: { type: 'commonjs' },
      jsc: { target: 'es2022', keepClassNames: true, ...(isTypeScript ? typescript : javascript) },
    });
  },
};
