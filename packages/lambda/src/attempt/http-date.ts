/** The forms of an HTTP date (RFC 9110, section 5.6.7), the first also of another zone. The third is in GMT too. */
const FORMS = [
  /^[a-z]{3}, (?<day>\d\d) (?<month>[a-z]{3}) (?<year>\d{4}) (?<time>[\d:]{8}) (?:gmt|utc|(?<zone>[+-]\d{4}))$/i,
  /^[a-z]{6,9}, (?<day>\d\d)-(?<month>[a-z]{3})-(?<year>\d\d) (?<time>[\d:]{8}) gmt$/i,
  /^[a-z]{3} (?<month>[a-z]{3}) (?<day>[ \d]\d) (?<time>[\d:]{8}) (?<year>\d{4})$/i,
];

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** The instant that an HTTP date names, in milliseconds since 1970; NaN for any other text. */
export function httpDateMs(text: string): number {
  const parts = FORMS.map((form) => form.exec(text)?.groups).find((groups) => groups !== undefined);
  const { day = '', month = '', year = '', time = '', zone } = parts ?? {};
  const numeral = `${MONTHS.indexOf(month.toLowerCase()) + 1}`.padStart(2, '0');
  const date = `${year.padStart(4, '20')}-${numeral}-${day.trim().padStart(2, '0')}`;
  return Date.parse(`${date}T${time}${zone?.replace(/..$/, ':$&') ?? 'Z'}`);
}
