import { inWords } from "../sync/duration.ts";
import type { JobName } from "../sync/job-name.ts";
import type { Crontab, CrontabLine } from "./crontab-lines.ts";

const TITLES: Readonly<Record<JobName, string>> = {
  pull_dsco_orders: "拉单 · pull orders from DSCO",
  push_orders_to_lingxing: "推单 · push orders to Lingxing",
  ack_to_dsco: "向 DSCO 确认接单 · acknowledge to DSCO",
  ship_to_dsco: "向 DSCO 回传发货 · report shipments to DSCO",
  invoice_to_dsco: "向 DSCO 开发票 · invoice to DSCO",
  sync_stock: "向 DSCO 同步库存 · send stock to DSCO",
};

/** What to paste with `crontab -e`, with what one has to know about it in Chinese and English. */
export function crontabText({ path, lines }: Crontab, { hasDotEnv }: { hasDotEnv: boolean }): string {
  return `${HEAD}${hasDotEnv ? "" : NO_DOT_ENV}${PATH_HEAD}PATH=${path}\n${MAIL}\n${LOCKED}\n${lines.map(lineText).join("")}`;
}

function lineText(line: CrontabLine): string {
  const { job, enabled, schedule, command } = line;
  const off = `# 已停用 · switched off (IPASS_JOB_${job.toUpperCase()}_ENABLE=false)\n`;
  return `# ${TITLES[job]}\n${intervalNote(line)}${enabled ? "" : `${off}#`}${schedule} ${command}\n`;
}

/** What the line does instead, where cron cannot keep the interval. */
function intervalNote({ interval_sec, every_sec, or_every_sec }: CrontabLine): string {
  if (every_sec === interval_sec) return "";
  const [asked, kept] = [inWords(interval_sec * 1000), inWords(every_sec * 1000)];
  if (interval_sec < every_sec)
    return `# cron 最短一分钟一次；要每 ${asked} 一次请用 systemd 定时器。
# cron starts nothing more often than once a minute; a systemd timer can (OnUnitActiveSec=${interval_sec}s).
`;
  const or = or_every_sec === null ? undefined : inWords(or_every_sec * 1000);
  return `# cron 做不到每 ${asked} 一次；这一行每 ${kept} 一次${or === undefined ? "" : `，其次是每 ${or}`}。
# cron cannot keep ${asked}: this line is every ${kept}${or === undefined ? "" : `; the next it could keep is ${or}`}.
`;
}

const HEAD = `# ipass 定时任务：\`ipass crontab\` 按当前目录和 .env 中的间隔打印；用 \`crontab -e\` 粘贴到运行 ipass 的系统用户名下。
# A crontab for ipass, as \`ipass crontab\` prints it for the folder it is called in and the intervals in its .env: paste it with
# \`crontab -e\` for the user that runs ipass. crontab.example is the one for /srv/ipass and the default intervals.
#
# 上线前先设置水位线，否则 1970 年以来所有未完结的订单都会进入 ERP；步骤见 README.zh-CN.md“首次上线”。
# Before the first line goes live, set the watermark, or all open orders since 1970 go into the ERP: README.md, "First run on a live account".
#
`;
const NO_DOT_ENV = `# 注意：这个目录里没有 .env；cron 看不到您终端里的环境变量。
# NOTE: there is no .env in this folder, and cron does not know the variables of your shell.
#
`;
const PATH_HEAD = `# cron 的 PATH 很短，这里要包含 node 所在目录（which node）。  cron's PATH is short: it must include the folder of node (\`which node\`).
`;
const MAIL = `# cron 会把任何输出寄给此地址；没有事情可做的一轮不输出。留空则不寄信，logs/ 里仍有完整记录。
# cron mails whatever is printed; a pass with nothing to do prints nothing. Empty: no mail, everything is in logs/ all the same.
MAILTO=""
`;
const LOCKED = `# 上一轮还没结束时直接跳过（--on-locked skip，退出码 0）；任务之间互不等待，先后顺序由订单状态决定。
# A pass that finds the one before still running is skipped (--on-locked skip, exit 0). Jobs do not wait for one another: the orders' state decides.
# 领星的出库单和库存接口一次只收一个请求，因此 ship_to_dsco 与 sync_stock 错开启动。
# Lingxing's outbound orders and inventory take one request at a time each, so ship_to_dsco and sync_stock do not start together.
`;
