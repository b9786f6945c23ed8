// LangChain.js: one ChatOpenAI per provider, tied together by withFallbacks.
//
//   node worker.mjs        TIMEOUT and RETRIES are ChatOpenAI's own, "default" leaves them as they are
import { createRequire } from "node:module";

const require = createRequire(import.meta.url); // finds packages by NODE_PATH, which import does not
const { ChatOpenAI } = require("@langchain/openai");
const { version } = require("@langchain/openai/package.json");
const cw = await import(`${process.env.CHAOSRUN_WORKER_DIR}/chaosrun_worker.mjs`);

const options = {};
if (process.env.TIMEOUT !== "default") options.timeout = parseFloat(process.env.TIMEOUT) * 1000;
if (process.env.RETRIES !== "default") options.maxRetries = Number(process.env.RETRIES);

function build(run) {
  const models = run.upstreams.map(
    (u) => new ChatOpenAI({ model: u.model, apiKey: u.key, configuration: { baseURL: u.base_url }, useResponsesApi: false, ...options }),
  );
  return async function* (call) {
    const asked = call.tools ? models.map((m) => m.bindTools(call.tools)) : models;
    const chain = asked.length > 1 ? asked[0].withFallbacks(asked.slice(1)) : asked[0];
    if (!call.stream) {
      const answer = await chain.invoke(call.messages, { signal: call.signal });
      yield answer.text;
      yield ending(answer);
      return;
    }
    let whole;
    for await (const chunk of await chain.stream(call.messages, { signal: call.signal })) {
      whole = whole ? whole.concat(chunk) : chunk;
      if (chunk.text) yield chunk.text;
      for (const t of chunk.tool_call_chunks ?? []) yield cw.tool({ index: t.index, id: t.id, name: t.name, arguments: t.args });
    }
    if (call.signal.aborted) throw new Error("cancelled");
    yield ending(whole);
  };
}

// ending says what the whole message knows of its end.
function ending(message) {
  const usage = message?.usage_metadata;
  return cw.end({
    finish: message?.response_metadata?.finish_reason,
    model: message?.response_metadata?.model_name,
    usage: usage ? { input: usage.input_tokens, output: usage.output_tokens } : undefined,
  });
}

cw.serve(build, { engine: `@langchain/openai ${version}` });
