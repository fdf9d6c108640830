/** The part of `process` that a shutdown needs. */
export interface HostProcess {
  on(event: 'SIGTERM' | 'SIGINT' | 'disconnect', listener: () => void): unknown;
  exit(code: number): unknown;
}

export interface ShutdownOptions {
  /** After this long the process exits whatever still hangs. */
  readonly deadlineMs: number;
  /** Told of each step that failed, and of a deadline that passed. */
  readonly onProblem?: (error: unknown) => void;
  readonly host?: HostProcess;
}

/**
 * Ends the process in order on SIGTERM, SIGINT or when its launcher is gone (IPC `disconnect`): each step in turn, a
 * failing one doesn't stop the next. BullMQ's close can hang for ever without its server, so there is a deadline; jobs
 * cut off by it are found again by sweeps. Further signals change nothing: a Ctrl-C reaches us by the terminal and by
 * our launcher.
 */
export const onShutdown = (
  steps: readonly (() => Promise<void> | void)[],
  options: ShutdownOptions,
): void => {
  const host = options.host ?? process;
  let ending = false;
  const end = (): void => {
    if (ending) return;
    ending = true;
    const late = setTimeout(() => {
      options.onProblem?.(new Error(`Closing took longer than ${options.deadlineMs} ms.`));
      host.exit(1);
    }, options.deadlineMs);
    closeAll(steps, options.onProblem).then(
      (allClosed) => {
        clearTimeout(late);
        host.exit(allClosed ? 0 : 1);
      },
      () => host.exit(1),
    );
  };
  host.on('SIGTERM', end);
  host.on('SIGINT', end);
  host.on('disconnect', end);
};

const closeAll = async (
  steps: readonly (() => Promise<void> | void)[],
  onProblem?: (error: unknown) => void,
): Promise<boolean> => {
  let allClosed = true;
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      allClosed = false;
      onProblem?.(error);
    }
  }
  return allClosed;
};
