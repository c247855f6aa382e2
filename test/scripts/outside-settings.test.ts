import { expect, it } from "vitest";
import { withoutOutsideSettings } from "../../scripts/outside-settings.mjs";

it("lets no setting of a live account through", () => {
  const env = { PATH: "/bin", IPASS_DB_DSN: "live", IPASS_DSCO_TOKEN: "live", IPASS_TEST_DB_DSN: "test" };
  expect(withoutOutsideSettings(env)).toEqual({ PATH: "/bin", IPASS_TEST_DB_DSN: "test" });
});

it("reached this process", () => {
  expect(Object.keys(process.env).filter((name) => name.startsWith("IPASS_"))).toEqual(["IPASS_TEST_DB_DSN"]);
});
