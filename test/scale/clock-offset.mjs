// node --import this: a host whose clock goes CLOCK_OFFSET_MS wrong.
const offset = Number(process.env.CLOCK_OFFSET_MS);
const now = Date.now;
const wrongNow = () => now() + offset;

globalThis.Date = new Proxy(Date, {
  construct: (date, args, self) => Reflect.construct(date, args.length === 0 ? [wrongNow()] : args, self),
  get: (date, name) => (name === "now" ? wrongNow : Reflect.get(date, name)),
});
