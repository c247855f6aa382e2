/**
 * What ipass itself writes into its records (why something waits or needs a person, and what to do), in Chinese. `{}` stands for what
 * differs from case to case and stays as it is. Vendors' own words are not in here: they are quoted. A test holds this table against
 * the sources of the decisions.
 */
const RECORDED: readonly (readonly [english: string, chinese: string])[] = [
  // What something waits for
  ["not in Lingxing's order list yet", "领星订单列表里还查不到"],
  ["shipped in Lingxing, but no outbound order has left yet", "领星已标记发货，但还没有发出的出库单"],
  ["no tracking number yet for {}", "还没有运单号：{}"],
  ["shipped so far: {}", "目前已发：{}"],
  ["{} is still empty for {}", "{} 还是空的：{}"],
  ["its raw text: purged or lost; {} brings it back", "原始文本已清除或丢失，需要重新拉取：{}"],
  [
    "the raw text of order {}, which shares an outbound order with it: purged or lost; {} brings it back",
    "与它合并出库的订单 {} 的原始文本已清除或丢失，需要重新拉取：{}",
  ],

  // Why a person has to act, or why nothing is needed
  ["missing or unreadable: {}", "缺失或无法读取：{}"],
  ["lineItems (every line is cancelled or rejected)", "lineItems（所有行都已取消或被拒绝）"],
  ["no mapping for {}", "没有映射：{}"],
  ["stands in Lingxing only as cancelled or deleted", "在领星里只有已取消或已删除的"],
  ["nothing stands in Lingxing under its number, a day after the push", "推单一天后，领星里仍没有这个单号"],
  ["a part of it is cancelled in Lingxing while DSCO still wants all of it", "领星取消了其中一部分，而 DSCO 仍要整单"],
  ["a part of it is cancelled in Lingxing and DSCO still wants it; shipped: {}", "领星取消了其中一部分，而 DSCO 仍然要；已发：{}"],
  ["Lingxing has it as shipped by the platform, so no outbound order tells what left", "领星显示由平台发货，没有出库单可以说明发了什么"],
  ["the order has no line for what Lingxing shipped: {}", "领星发出的商品不在订单里：{}"],
  ["Lingxing shipped more than the order wants: {}", "领星发出的比订单要的多：{}"],
  ["it went out under several tracking numbers: {}", "分成了多个运单号发出：{}"],
  ["which of its goods went out under which tracking number cannot be told: {}", "无法判断哪件商品对应哪个运单号：{}"],
  ["DSCO has its goods as shipped under {}; Lingxing shipped them under {}", "DSCO 上已按 {} 发货；领星的运单号是 {}"],
  ["DSCO has its goods as shipped; Lingxing shipped them under {}", "DSCO 上已显示发货；领星的运单号是 {}"],
  [
    "merged in Lingxing with {}, and it does not tell which goods are whose; what {} holds is not known here",
    "在领星里与 {} 合并发货，无法区分各自的商品；{} 的内容这里不知道",
  ],
  [
    "merged in Lingxing with {}, and it does not tell which goods are whose; what left is less than they want together",
    "在领星里与 {} 合并发货，无法区分各自的商品；发出的比它们合计要的少",
  ],
  ["{} of {} cannot be read: {}", "{}（{}）无法读取：{}"],
  ["quantities and prices come to more than can be billed to the cent", "数量和单价的合计太大，无法精确到分开票"],
  ["every line is cancelled or rejected", "所有商品行都已取消或被拒绝"],
  ["shipped at DSCO before anything left in Lingxing; packages: {}", "领星还没有发货，DSCO 上就已发货；包裹：{}"],
  ["cancelled at DSCO", "已在 DSCO 取消"],
  ["cancelled at DSCO after it was pushed", "推单之后在 DSCO 取消"],
  ["the retailer asks to cancel this order", "零售商申请取消这张订单"],
  ["changed at DSCO after the push", "推单之后 DSCO 有改动"],
  ["no readable dscoOrderId", "读不出 dscoOrderId"],
  ["longer than the database takes", "原文太长，数据库存不下"],
  ["quantities and prices come to more than can be billed to the cent", "数量与单价之积过大，无法精确到分开票"],
  ["the raw text is missing or no JSON object", "原始文本缺失，或不是 JSON 对象"],
  ["the number {} already belongs to order {}", "单号 {} 已属于订单 {}"],
  ["sent alone, and never arrived: {}", "单独发送后仍未送达：{}"],
  ["refused without a reason", "被拒绝，没有说明原因"],
  ["the cause is gone", "原因已消除"],
  ["Lingxing warehouse {} is in no map", "领星仓库 {} 不在映射里"],
  [
    "Lingxing SKU {} is in no map, but another SKU is mapped to that name at DSCO",
    "领星 SKU {} 不在映射里，但另一个 SKU 映射到了 DSCO 的这个名字",
  ],
  ["{} rows of Lingxing's stock have no SKU", "领星库存有 {} 行没有 SKU"],
  ["{} rows of Lingxing's stock cannot be read, not even their SKU", "领星库存有 {} 行无法读取，连 SKU 也读不出"],
  ["Lingxing SKU {} has more characters than DSCO takes (90)", "领星 SKU {} 超过 DSCO 允许的 90 个字符"],
  ["Lingxing's figure for {} cannot be read", "领星的 {} 数量无法读取"],
  ["DSCO refuses the stock of {}: {}", "DSCO 拒收 {} 的库存：{}"],
  ["Lingxing lists no stock at all in the mapped warehouses", "领星在所映射的仓库里没有列出任何库存"],
  ["Lingxing promised {} rows of stock and gave {}, also when asked again", "领星说有 {} 行库存，实际只给了 {} 行，再问一次也一样"],
  [
    "{} of {} SKUs in stock at DSCO would turn 0 ({} %, at most {} % are allowed); {} of them are not in Lingxing any more",
    "DSCO 上有货的 {1} 个 SKU 中，有 {0} 个会变成 0（{2}%，最多允许 {3}%）；其中 {4} 个已不在领星里",
  ],

  // What to do
  ["have the retailer correct the order at DSCO; the next pull brings it back by itself", "请零售商在 DSCO 更正订单；下次拉单后自动恢复"],
  ["have the retailer correct the order at DSCO, then: {}", "请零售商在 DSCO 更正订单，然后：{}"],
  ["have the retailer correct the order at DSCO; once it is pulled: {}", "请零售商在 DSCO 更正订单；拉到之后：{}"],
  [
    "have the retailer correct the order at DSCO, or name another price in IPASS_INVOICE_PRICE_FIELDS, then: {}",
    "请零售商在 DSCO 更正订单，或在 IPASS_INVOICE_PRICE_FIELDS 里换一个价格字段，然后：{}",
  ],
  ["add it to the map, then: {}", "在映射里补上，然后：{}"],
  ["restore it in Lingxing and requeue it, or close it: {}", "在领星恢复后重新处理，或者关闭：{}"],
  ["correct what the reason names, then: {}", "按原因改正，然后：{}"],
  ["report the shipment at DSCO by hand, then: {}; once the rest has left: {}", "在 DSCO 手工回传发货，然后：{}；其余发出之后：{}"],
  ["report the shipment at DSCO by hand, then: {}", "在 DSCO 手工回传发货，然后：{}"],
  [
    "add the Lingxing SKU to IPASS_STOCK_SKU_TO_DSCO_SKU_JSON, then: {}; if other goods were sent, report at DSCO by hand and: {}",
    "把领星 SKU 加进 IPASS_STOCK_SKU_TO_DSCO_SKU_JSON，然后：{}；如果发的是别的商品，在 DSCO 手工回传，然后：{}",
  ],
  [
    "report at DSCO by hand what belongs to the order, then: {}; or correct the outbound order and: {}",
    "把属于这张订单的部分在 DSCO 手工回传，然后：{}；或者改正出库单，然后：{}",
  ],
  ["cancel the rest at DSCO, or restore the part in Lingxing, then: {}", "在 DSCO 取消其余部分，或在领星恢复，然后：{}"],
  [
    "report {} at DSCO by hand, or set IPASS_SHIP_MULTI_PACKAGE=send; then: {}",
    "在 DSCO 手工回传 {}，或设 IPASS_SHIP_MULTI_PACKAGE=send；然后：{}",
  ],
  ["report {} at DSCO by hand, then: {}", "在 DSCO 手工回传 {}，然后：{}"],
  ["correct the tracking number at DSCO if Lingxing's is right, then: {}", "如果领星的运单号是对的，在 DSCO 改正，然后：{}"],
  [
    "correct it in Lingxing, or set IPASS_SHIP_DATE_SOURCE to another time or to none, then: {}",
    "在领星改正，或把 IPASS_SHIP_DATE_SOURCE 改为另一种时间或 none，然后：{}",
  ],
  [
    "cancel those lines at DSCO or restore the part in Lingxing, then: {}; if you acknowledged it at DSCO: {}",
    "在 DSCO 取消这些行，或在领星恢复，然后：{}；如果已在 DSCO 确认接单：{}",
  ],
  [
    "cancel it at DSCO as well (the next pull brings that back), or restore it in Lingxing and then: {}",
    "在 DSCO 也取消（下次拉单会带回来），或在领星恢复，然后：{}",
  ],
  ["look for it in Lingxing; once it is there: {}; if it was dealt with elsewhere: {}", "到领星查找；找到之后：{}；如果已在别处处理：{}"],
  [
    "it has been shipped: agree with the retailer who pays, then close each open stage: {}",
    "货已发出：与零售商商定由谁承担，再关闭每个未完成的阶段：{}",
  ],
  ["cancel it in Lingxing too, then close each open stage: {}", "在领星也取消，再关闭每个未完成的阶段：{}"],
  ["cancel it at DSCO, or let it go on: {}", "在 DSCO 取消，或者放行：{}"],
  ["correct the order in Lingxing, then: {}", "在领星改正订单，然后：{}"],
  ["correct {} in Lingxing, then: {}", "在领星改正 {}，然后：{}"],
  ["ask DSCO support for the order; its text is kept: {}", "请 DSCO 客服查这张订单；原文已保存：{}"],
  ["pull it again: {}", "重新拉取：{}"],
  ["decide which of the two is wanted; close the other: {}", "决定要哪一单，把另一单关闭：{}"],
  ["add its wid to {}, or if it is not for sale: {}", "把它的 wid 加进 {}；如果不对外销售：{}"],
  [
    "map it to a DSCO SKU of its own in {}; until then its stock is not counted",
    "在 {} 里给它映射一个自己的 DSCO SKU；在此之前它的库存不计入",
  ],
  ["map it to its DSCO SKU in {}; until then its stock is not counted", "在 {} 里映射到它的 DSCO SKU；在此之前它的库存不计入"],
  [
    "see whether Lingxing's answer has changed; until then a SKU that it does not list keeps the figure it has at DSCO",
    "看看领星接口的返回是否变了；在此之前，没有列出的 SKU 在 DSCO 保留现有的数字",
  ],
  ["give the product a SKU in Lingxing; until then its stock is not counted", "在领星给这个商品设 SKU；在此之前它的库存不计入"],
  [
    "look at product_valid_num of this SKU in Lingxing; until then DSCO keeps the figure it has",
    "到领星查看这个 SKU 的 product_valid_num；在此之前 DSCO 保留现有的数字",
  ],
  [
    "have the item set up at DSCO, or map the SKU in {}; it is sent again by itself, at once with: {}",
    "请 DSCO 建好这个商品，或在 {} 里映射 SKU；会自动重发，想马上重发：{}",
  ],
  ["compare with Lingxing: {}; if the figures are right: {}", "与领星核对：{}；如果数字属实：{}"],

  // What an action is refused with
  ["cannot requeue {}: {}", "不能重新处理 {}：{}"],
  ["{} is at 9, in flight: the next pass asks the vendor what became of it", "{} 在途，下一轮会向对方查询结果"],
  ["{} is at 1, already done", "{} 已完成"],
  ["{} is at 4, closed as not needed", "{} 已关闭（无需处理）"],
  ["nothing was changed; leave these ids out", "什么都没有改；请去掉这些单号再试"],
  ["unknown order {}", "没有这张订单：{}"],
  ["unknown task {}", "没有这条任务：{}"],
  ["ipass order-state lists the known ones", "ipass order-state 列出已知的订单"],
  ["ipass manual-tasks lists the known ones", "ipass manual-tasks 列出已知的任务"],
];

/** Where an order stands in Lingxing, as `Lingxing 1033… is awaiting review (4)` says it. */
const STANDING: Readonly<Record<string, string>> = {
  syncing: "同步中",
  synced: "已同步",
  unpaid: "未付款",
  "awaiting review": "待审核",
  "awaiting shipment": "待发货",
  shipped: "已发货",
  cancelled: "已取消",
  hidden: "已隐藏",
  "shipped by the platform": "平台发货",
  "at an unknown status": "状态未知",
};

interface Pattern {
  readonly matches: RegExp;
  readonly chinese: string;
}

const PATTERNS: readonly Pattern[] = RECORDED.map(([english, chinese]) => ({
  matches: new RegExp(`^${english.split("{}").map(escaped).join("(.+?)")}$`, "s"),
  chinese,
}));

/** A text from the records in Chinese; undefined where it is not one of ipass's own. */
export function recordedInChinese(text: string): string | undefined {
  return severalInChinese(text) ?? oneInChinese(text) ?? standing(text);
}

function oneInChinese(text: string): string | undefined {
  for (const { matches, chinese } of PATTERNS) {
    const found = matches.exec(text);
    if (found === null) continue;
    let next = 0;
    return chinese.replace(/\{(\d?)\}/g, (_, at: string) => part(found[at === "" ? ++next : Number(at) + 1] ?? ""));
  }
  return undefined;
}

/** A part may be such a text itself, or a list that was cut short. */
function part(text: string): string {
  return recordedInChinese(text) ?? text.replace(/, and (\d+) more$/, "，另有 $1 项");
}

function standing(text: string): string | undefined {
  const orders = text.split(", ").map((one) => /^Lingxing (\S+) is (.+) \((\d+)\)$/.exec(one));
  const told = orders.map((found) => {
    const [, number, word = "", status] = found ?? [];
    return STANDING[word] === undefined ? undefined : `领星 ${number} ${STANDING[word]}（${status}）`;
  });
  return told.includes(undefined) ? undefined : told.join("，");
}

/** One refusal may name several orders. */
function severalInChinese(text: string): string | undefined {
  const parts = text.split("; ");
  if (parts.length < 2) return undefined;
  const told = parts.map(recordedInChinese);
  return told.includes(undefined) ? undefined : told.join("；");
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
