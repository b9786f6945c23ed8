// Mastra: an agent without tools, whose model is a list.
//
//   node worker.mjs        RETRIES is maxRetries of each model, "default" leaves it as it is. FIRST and STEP are
//                          modelSettings.timeout's firstChunkMs and stepMs, "default" is none
import { createRequire } from "node:module";

const require = createRequire(import.meta.url); // finds packages by NODE_PATH, which import does not
const { Agent } = require("@mastra/core/agent");
const { createOpenAICompatible } = require("@ai-sdk/openai-compatible");
const fs = require("node:fs");
const path = require("node:path");
const cw = await import(`${process.env.CHAOSRUN_WORKER_DIR}/chaosrun_worker.mjs`);

const { version } = JSON.parse(fs.readFileSync(path.join(process.env.NODE_PATH, "@mastra/core/package.json"), "utf8"));
const entry = process.env.RETRIES === "default" ? {} : { maxRetries: Number(process.env.RETRIES) };
const timeout = {};
for (const [key, text] of [["firstChunkMs", process.env.FIRST], ["stepMs", process.env.STEP]]) {
  if (text !== "default") timeout[key] = parseFloat(text) * 1000;
}

function build(run) {
  const model = run.upstreams.map((u) => ({
    id: u.name,
    model: createOpenAICompatible({ name: u.name, apiKey: u.key, baseURL: u.base_url, includeUsage: true })(u.model),
    ...entry,
  }));
  const agent = new Agent({ id: "agent", name: "agent", instructions: "Answer.", model });
  return async function* (call) {
    const options = { abortSignal: call.signal, ...(Object.keys(timeout).length ? { modelSettings: { timeout } } : {}) };
    if (!call.stream) {
      const answer = await agent.generate(call.messages, options);
      if (answer.error) throw answer.error;
      yield answer.text;
      yield cw.end({ finish: answer.finishReason, model: answer.response?.modelId, usage: counts(answer.usage) });
      return;
    }
    const stream = await agent.stream(call.messages, options);
    let end = {};
    for await (const part of stream.fullStream) {
      const p = part.payload ?? {};
      if (part.type === "text-delta") yield p.text;
      else if (part.type === "reasoning-delta") yield cw.thinking(p.text);
      else if (part.type === "tool-call") yield cw.tool({ index: 0, id: p.toolCallId, name: p.toolName, arguments: JSON.stringify(p.args) });
      else if (part.type === "step-finish") end = { finish: p.stepResult?.reason, model: p.metadata?.modelId, usage: counts(p.output?.usage) };
      else if (part.type === "abort") throw new Error("aborted");
      else if (part.type === "error") throw p.error instanceof Error ? p.error : new Error(JSON.stringify(p.error));
    }
    if (call.signal.aborted) throw new Error("cancelled");
    yield cw.end(end);
  };
}

function counts(usage) {
  return usage ? { input: usage.inputTokens, output: usage.outputTokens } : undefined;
}

cw.serve(build, { engine: `@mastra/core ${version}` });
