import stringWidth from "string-width";

/** A terminal as servers have them. */
export const WIDTH = 80;

/** Characters between which a line may be broken. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303f\uff01-\uff60\uffe0-\uffe6]/u;
/** What a line may be broken between: runs of blanks, single wide characters, words. */
const PIECES = new RegExp(`\\s+|${WIDE.source}|(?:(?!${WIDE.source})\\S)+`, "gu");

/** Foreign text made fit for a terminal: one line, nothing that moves the cursor or turns the writing round. */
export function printable(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ")
    .replace(/ {2,}/g, " ")
    .trim();
}

/** What of a text stays on one line: its words, and each Chinese character. */
export function piecesOf(text: string): string[] {
  return (text.match(PIECES) ?? []).filter((piece) => !/^\s/.test(piece));
}

/** Lines of at most `width` columns, broken at blanks, between Chinese characters, and inside a word only when it alone is too long. */
export function wrapColumns(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  const end = () => {
    lines.push(line.trimEnd());
    line = "";
  };
  for (const piece of text.match(PIECES) ?? []) {
    if (/^\s/.test(piece)) {
      if (line !== "") line += " ";
      continue;
    }
    if (line !== "" && stringWidth(line) + stringWidth(piece) > width) end();
    for (const character of piece) {
      if (stringWidth(line) + stringWidth(character) > width) end();
      line += character;
    }
  }
  if (line !== "" || lines.length === 0) end();
  return lines;
}

/** Facts one after the other, each kept on one line where it fits at all. */
export function wrapFacts(facts: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const [index, fact] of facts.entries()) {
    const text = index < facts.length - 1 ? `${fact};` : fact;
    const line = lines.at(-1);
    if (line !== undefined && stringWidth(line) + 1 + stringWidth(text) <= width) lines[lines.length - 1] = `${line} ${text}`;
    else lines.push(...wrapColumns(text, width));
  }
  return lines;
}

/** SQL begins with its verb in capitals, as no command of a shell does. */
const SQL = /^[A-Z]{3,} /;

/** A command that stays one when it is pasted: broken at `&&`, else between its words with a backslash (in SQL without). */
export function wrapCommand(command: string, width: number): string[] {
  const shell = !SQL.test(command);
  const steps = shell ? command.split(" && ") : [command];
  return steps.flatMap((step, index) => wrapStep(index < steps.length - 1 ? `${step} &&` : step, width, shell ? " \\" : ""));
}

function wrapStep(step: string, width: number, continued: string): string[] {
  if (stringWidth(step) <= width) return [step];
  const lines: string[] = [];
  for (const word of step.match(/(?:\\.|[^\s"'\\]|"[^"]*"|'[^']*')+/g) ?? []) {
    const line = lines.at(-1);
    const room = width - stringWidth(continued);
    if (line !== undefined && stringWidth(line) + 1 + stringWidth(word) <= room) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(line === undefined ? word : `  ${word}`);
  }
  return lines.map((line, index) => (index < lines.length - 1 ? line + continued : line));
}

/** Filled up with blanks to a column of a table. */
export function padded(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - stringWidth(text)));
}
