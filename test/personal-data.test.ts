import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { maskPersonalData, personalDataMask, personalDataOf } from "../src/personal-data.ts";

const ORDER = {
  dscoOrderId: "1200000001",
  poNumber: "PO-77001",
  dscoStatus: "created",
  dscoRetailerId: "1000009999",
  shipCarrier: "FedEx",
  shippingServiceLevelCode: "FECG",
  shipping: {
    name: "Ann Lee-Hofstadter",
    address: ["1 Main St", "Apt 2"],
    city: "San Rafael",
    region: "CA",
    postal: "89501",
    country: "US",
    phone: "+1 (775) 555-0100",
    email: "ann.lee@mail.example.com",
    addressType: "Residential",
  },
  billTo: { firstName: "Bo", lastName: "Quigley", company: "Acme Widgets Inc", address1: "77 Sunset Blvd", city: "Reno", postal: "89501" },
  customer: { name: "张伟", nightPhone: "13800138000" },
  giftMessage: "Happy birthday, Tom",
  lineItems: [{ lineNumber: 1, sku: "MUG-BLUE", quantity: 2, title: "Blue mug" }],
};

describe("personalDataOf", () => {
  it("finds what is personal in every party, and nothing else", () => {
    expect([...personalDataOf(ORDER)].sort()).toEqual(
      [
        "Ann Lee-Hofstadter",
        "1 Main St",
        "Apt 2",
        "San Rafael",
        "89501",
        "+1 (775) 555-0100",
        "ann.lee@mail.example.com",
        "Bo",
        "Quigley",
        "Bo Quigley",
        "Acme Widgets Inc",
        "77 Sunset Blvd",
        "Reno",
        "张伟",
        "13800138000",
        "Happy birthday, Tom",
      ].sort(),
    );
  });

  it("gives the longest first", () => {
    const lengths = personalDataOf(ORDER).map((text) => text.length);
    expect(lengths).toEqual([...lengths].sort((a, b) => b - a));
  });

  it("leaves out what is also an id or code of the order", () => {
    expect(
      personalDataOf({
        poNumber: "MUG",
        shipping: { name: "MUG", company: "WH-CA", attention: "CA", region: "CA" },
        requestedWarehouseCode: "WH-CA",
      }),
    ).toEqual([]);
  });

  it.each([undefined, null, "text", 7, [], {}, { shipping: null }, { shipping: "x" }])("makes nothing of %j", (order) => {
    expect(personalDataOf(order)).toEqual([]);
  });
});

describe("maskPersonalData", () => {
  it.each([
    ["receiver ANN LEE-HOFSTADTER refused", "receiver *** refused"],
    ["receiver ann   lee-hofstadter refused", "receiver *** refused"],
    ["name too long: Hofstadter", "name too long: ***"],
    ["收件人Ann无效", "收件人***无效"],
    ["收件人张伟的电话13800138000无效", "收件人***的电话***无效"],
    ['{"name":"\\u5f20\\u4f1f"}', '{"name":"***"}'],
    ["address_line1 1 MAIN ST, Apt 2: too short", "address_line1 ***, ***: too short"],
    ["no such place: san rafael 89501", "no such place: *** ***"],
    ["q=San%20Rafael", "q=***"],
    ["phone 7755550100 / 775-555-0100 / (775) 555 0100 / +17755550100", "phone *** / *** / *** / ***"],
    ["mail ann.lee@mail.example.com and other@example.org", "mail *** and ***"],
    ["bill to Bo Quigley or QUIGLEY, Acme", "bill to *** or ***, ***"],
    ["the text was: happy birthday, tom", "the text was: ***"],
    ["line\\nQuigley", "line\\n***"],
  ])("hides: %s", (text, expected) => {
    expect(maskPersonalData(text, ORDER)).toBe(expected);
  });

  it.each([
    "order 1200000001 (PO-77001) for 1000009999 was not found: MUG-BLUE, FedEx FECG, CA US",
    "2001003: annotation about a bot in Sacramento, leeway 7",
    "length: length 最大值200; request_id 9F.1763700000123",
    "receiver_name, address_line1 and city are required",
    "1 main reason, 2 apartments",
    "Apt is no unit, Inc is no name",
    "id 5177555501009 is unknown",
  ])("leaves alone: %s", (text) => {
    expect(maskPersonalData(text, ORDER)).toBe(text);
  });

  it("does not hide the words of error messages because somebody is called so", () => {
    const order = { shipping: { name: "Price Field", address: ["12 Order Street"] } };
    expect(maskPersonalData("unit price is missing in field order; got Price Field", order)).toBe(
      "unit price is missing in field order; got ***",
    );
  });

  it("hides a name among millions of words, and the number among as many digits", () => {
    const words = Array.from({ length: 200_000 }, (_, n) => `word${n} 名字${n}`).join(" ");
    const order = {
      shipping: { name: `${words} Zyxwin`, phone: `7755550100${"1".repeat(1_000_000)}9998887777`, company: "Lee ".repeat(500_000) },
    };
    expect(maskPersonalData("Zyxwin, SKU 5, tel 999-888-7777", order)).toBe("***, SKU 5, tel ***");
  });

  it("copes with an order it cannot read", () => {
    expect(maskPersonalData("nothing known", undefined)).toBe("nothing known");
    expect(maskPersonalData("to x@example.com", null)).toBe("to ***");
  });

  it("reads numbers as a lossless parser leaves them", () => {
    const phone = { isLosslessNumber: true, value: "7755550100", toString: () => "7755550100" };
    expect(maskPersonalData("phone 7755550100", { shipping: { phone } })).toBe("phone ***");
  });

  it("lets no name through, whatever its letters and whatever is around it", () => {
    const name = fc.string({ unit: "grapheme", minLength: 4, maxLength: 20 }).map((text) => text.trim());
    const usable = name.filter((text) => text.length >= 4 && !text.includes("*") && !/[\s,]{2}/.test(text));
    fc.assert(
      fc.property(usable, fc.string(), fc.string(), (person, before, after) => {
        const clean = maskPersonalData(`${before} ${person} ${after}`, { shipping: { name: person } });
        expect(clean).not.toContain(` ${person} `);
      }),
    );
  });
});

describe("personalDataMask", () => {
  const others = [
    { dscoOrderId: "2", shipping: { name: "Page Price", city: "Access", address: ["5 Limit Rd"], phone: "415 555 0111" } },
    { dscoOrderId: "3", customer: { name: "Li Na", company: "Token Services LLC" } },
  ];
  const mask = personalDataMask(() => [ORDER, ...others]);

  it.each([
    ["order of ann lee-hofstadter and of PAGE PRICE", "order of *** and of ***"],
    ["Hofstadter, HOFSTADTER, Page, Li, Reno", "***, ***, ***, ***, ***"],
    ["at 5 limit rd, tel (415) 555-0111", "at ***, tel ***"],
    ["for token services llc", "for ***"],
    ["收件人张伟无效", "收件人***无效"],
    ["mail ann.lee@mail.example.com", "mail ***"],
  ])("hides, whoever of them it is about: %s", (text, expected) => {
    expect(mask(text)).toBe(expected);
  });

  it.each(["the access token is invalid", "no such page", "over the limit of li", "unit price of order 1200000001"])(
    "leaves alone: %s",
    (text) => {
      expect(mask(text)).toBe(text);
    },
  );
});
