// Preloaded into a process of Curfew (--import) to set its wall clock wrong: everything that runs only forward goes on as it
// is. WALL_CLOCK_OFF_MS says by how much, WALL_CLOCK_JUMPS_AT from which true instant on (milliseconds since 1970).
const offMs = Number(process.env.WALL_CLOCK_OFF_MS ?? 0);
const jumpsAt = Number(process.env.WALL_CLOCK_JUMPS_AT ?? 0);
const TrueDate = Date;

const now = () => {
  const instant = TrueDate.now();
  return instant >= jumpsAt ? instant + offMs : instant;
};

globalThis.Date = class Date extends TrueDate {
  constructor(...parts) {
    if (parts.length === 0) super(now());
    else super(...parts);
  }

  static now() {
    return now();
  }
};
