/** Text from outside made fit for a terminal: nothing in it moves the cursor, colours what follows or turns the writing round. Lines stay. */
export function terminalText(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (control) => (control === "\n" ? control : " "));
}
