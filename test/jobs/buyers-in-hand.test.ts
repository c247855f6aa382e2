import { describe, expect, it } from "vitest";
import { BuyersInHand } from "../../src/jobs/buyers-in-hand.ts";

const orderOf = (name: string) => ({ raw: JSON.stringify({ dscoOrderId: "1", shipping: { name } }) });

describe("BuyersInHand", () => {
  it("hides the buyers of every order in hand, until each is let go", async () => {
    const buyers = new BuyersInHand();
    const text = "Ann Quimby, Bo Zimmer, Cy Young";
    const letGo = buyers.take([orderOf("Ann Quimby")]);
    await buyers.during([orderOf("Bo Zimmer"), orderOf("Cy Young")], async () => expect(buyers.mask(text)).toBe("***, ***, ***"));
    expect(buyers.mask(text)).toBe("***, Bo Zimmer, Cy Young");
    letGo();
    expect(buyers.mask(text)).toBe(text);
  });

  it("lets them go when the work fails", async () => {
    const buyers = new BuyersInHand();
    const failing = async () => {
      throw new Error("down");
    };
    await expect(buyers.during([orderOf("Ann Quimby")], failing)).rejects.toThrow("down");
    expect(buyers.mask("Ann Quimby")).toBe("Ann Quimby");
  });

  it("copes with an order whose text is gone", () => {
    const buyers = new BuyersInHand();
    buyers.take([{ raw: "" }, orderOf("Ann Quimby")]);
    expect(buyers.mask("to Ann Quimby")).toBe("to ***");
  });
});
