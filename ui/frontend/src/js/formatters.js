// Named number formats of chart options; amounts arrive in 元.
const group = (text) => text.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
const number = (value, digits) => {
  const [whole, part] = Math.abs(value).toFixed(digits).split(".");
  return `${value < 0 ? "−" : ""}${group(whole)}${part ? `.${part}` : ""}`;
};
const raw = (given) => {
  const value = given !== null && typeof given === "object" ? given.value : given;
  return Array.isArray(value) ? value.at(-1) : value;
};
const shown = (format) => (given) => (raw(given) === null || raw(given) === undefined ? "—" : format(Number(raw(given))));

export const formatters = {
  integer: shown((value) => number(value, 0)),
  money: shown((value) => number(value, 2)),
  percent: shown((value) => `${number(value * 100, 1)}%`),
  wan: shown((value) => number(value / 10000, value % 10000 === 0 || Math.abs(value) >= 1e6 ? 0 : 2)),
};
