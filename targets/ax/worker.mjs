// Ax: AxBalancer over one OpenAI service per provider.
//
//   node worker.mjs        TIMEOUT is that of each service's requests, and RETRIES the balancer's maxRetries;
//                          "default" leaves them as they are
import { createRequire } from "node:module";

const require = createRequire(import.meta.url); // finds packages by NODE_PATH, which import does not
const { ai, AxBalancer } = require("@ax-llm/ax");
const fs = require("node:fs");
const path = require("node:path");
const cw = await import(`${process.env.CHAOSRUN_WORKER_DIR}/chaosrun_worker.mjs`);

const { version } = JSON.parse(fs.readFileSync(path.join(process.env.NODE_PATH, "@ax-llm/ax/package.json"), "utf8"));
const options = {};
if (process.env.TIMEOUT !== "default") options.timeout = parseFloat(process.env.TIMEOUT) * 1000;
const balancer = { comparator: AxBalancer.inputOrderComparator, debug: false };
if (process.env.RETRIES !== "default") {
  balancer.maxRetries = Number(process.env.RETRIES);
  options.retry = { maxRetries: Number(process.env.RETRIES) };
}

function build(run) {
  const services = run.upstreams.map((u) =>
    ai({ name: "openai", apiKey: u.key, apiURL: u.base_url, models: [{ key: "answer", model: u.model, description: "answers" }], config: { stream: true }, options }),
  );
  const llm = AxBalancer.create(services, balancer);
  return async function* (call) {
    const request = { chatPrompt: call.messages, model: "answer" };
    const answer = await llm.chat(request, { stream: call.stream, abortSignal: call.signal });
    let end = {};
    const pieces = function* (r) {
      for (const { content, thought, functionCalls, finishReason } of r.results ?? []) {
        if (thought) yield cw.thinking(thought);
        if (content) yield content;
        for (const [index, c] of (functionCalls ?? []).entries()) {
          yield cw.tool({ index, id: c.id, name: c.function.name, arguments: typeof c.function.params === "string" ? c.function.params : JSON.stringify(c.function.params) });
        }
        if (finishReason) end.finish = finishReason;
      }
      if (r.modelUsage) end.model = r.modelUsage.model;
      if (r.modelUsage?.tokens) end.usage = { input: r.modelUsage.tokens.promptTokens, output: r.modelUsage.tokens.completionTokens };
    };
    if (answer instanceof ReadableStream) for await (const r of answer) yield* pieces(r);
    else yield* pieces(answer);
    if (call.signal.aborted) throw new Error("cancelled");
    yield cw.end(end);
  };
}

cw.serve(build, { engine: `@ax-llm/ax ${version}` });
