import { Command } from "commander";
import { shellWord } from "../sync/shell-word.ts";

export const explainCommand = (): Command =>
  new Command("explain")
    .description("One order's life: where it stands, what it waits for, what to type, and everything that has happened to it.")
    .argument("<dscoOrderId>", "the order")
    .option("--json", "print one JSON document")
    .addHelpText("after", "\nExample:\n  ipass explain 1200000001")
    .action(explain);

async function explain(id: string, { json }: { json?: true }): Promise<void> {
  const [{ withDatabase }, { ExplainQuery }, { toExplanation, toTextExplanation }, { printJson }] = await Promise.all([
    import("./database.ts"),
    import("../store/explain-query.ts"),
    import("../store/explanation.ts"),
    import("./output.ts"),
  ]);
  const found = await withDatabase(async (db, app) => {
    const { rules, jobs } = app.config(["rules", "jobs"]);
    const redact = (value: unknown) => app.redactor.redactValue(value);
    const settings = { maxRetryPerOrder: rules.maxRetryPerOrder, jobs, redact };
    const query = new ExplainQuery(db);
    const order = await query.find(id);
    if (order !== undefined) return toExplanation(order, settings);
    const text = await query.findText(id);
    if (text !== undefined) return toTextExplanation(id, text, settings);
    throw await unknownOrder(id, await query.idsByOtherNumber(id));
  });
  if (json) return printJson(found);
  const [{ explainScreen }, { paintFor }] = await Promise.all([import("./explain-screen.ts"), import("./paint.ts")]);
  process.stdout.write(explainScreen(found, paintFor(process.stdout)));
}

/** People know an order by the number the retailer or Lingxing gives it, too. */
async function unknownOrder(id: string, [known, ...more]: readonly string[]): Promise<Error> {
  const { UsageError } = await import("../errors.ts");
  if (known !== undefined) {
    const others = more.length === 0 ? "that number is" : `several orders have that number; one is`;
    return new UsageError(`unknown order ${id}`, `${others} of order ${known}: ipass explain ${shellWord(known)}`);
  }
  return new UsageError(`unknown order ${id}`, `if DSCO has it, pull it: ipass run pull_dsco_orders --order ${shellWord(id)}`);
}
