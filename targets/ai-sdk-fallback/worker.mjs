// The AI SDK with ai-fallback: one model per provider, createFallback over them, streamText on top.
//
//   node worker.mjs        TIMEOUT is streamText's firstChunkMs and chunkMs, RETRIES its maxRetries;
//                          "default" leaves them as they are. GUARD is the longest pause between
//                          pieces of content that a guard around each model allows, "none" is no guard
import { createRequire } from "node:module";

const require = createRequire(import.meta.url); // finds packages by NODE_PATH, which import does not
const { streamText, generateText, jsonSchema, tool, wrapLanguageModel } = require("ai");
const { createFallback } = require("ai-fallback");
const { createOpenAICompatible } = require("@ai-sdk/openai-compatible");
const { version } = require("ai/package.json");
const cw = await import(`${process.env.CHAOSRUN_WORKER_DIR}/chaosrun_worker.mjs`);

const options = {};
if (process.env.TIMEOUT !== "default") {
  const ms = parseFloat(process.env.TIMEOUT) * 1000;
  options.timeout = { firstChunkMs: ms, chunkMs: ms };
}
if (process.env.RETRIES !== "default") options.maxRetries = Number(process.env.RETRIES);

const guard = process.env.GUARD === "none" ? undefined : parseFloat(process.env.GUARD) * 1000;

function build(run) {
  let models = run.upstreams.map((u) =>
    createOpenAICompatible({ name: u.name, apiKey: u.key, baseURL: u.base_url, includeUsage: true })(u.model),
  );
  if (guard) models = models.map((model) => wrapLanguageModel({ model, middleware: guarded }));
  const model = createFallback({ models, retryAfterOutput: !guard });
  return async function* (call) {
    const request = { model, messages: call.messages, allowSystemInMessages: true, abortSignal: call.signal, tools: tools(call.tools), ...options };
    if (!call.stream) {
      const answer = await generateText(request);
      yield answer.text;
      yield cw.end({ finish: answer.finishReason, model: answer.response.modelId, usage: counts(answer.usage) });
      return;
    }
    const stream = streamText({ ...request, onError: () => {} }); // the error comes as a part, too
    let end = {};
    for await (const part of stream.fullStream) {
      if (part.type === "text-delta") yield part.text;
      else if (part.type === "reasoning-delta") yield cw.thinking(part.text);
      else if (part.type === "tool-call") yield cw.tool({ index: 0, id: part.toolCallId, name: part.toolName, arguments: JSON.stringify(part.input) });
      else if (part.type === "finish-step") end = { finish: part.finishReason, model: part.response.modelId, usage: counts(part.usage) };
      else if (part.type === "abort") throw new Error(`aborted: ${part.reason ?? "no reason given"}`);
      else if (part.type === "error") throw part.error;
    }
    yield cw.end(end);
  };
}

// guarded makes a model fail if its headers, or the next piece of content, take too long. The error
// is one of the model, so that createFallback asks the next one; streamText's own timers would abort both.
const guarded = {
  specificationVersion: "v4",
  async wrapStream({ model, params }) {
    const abort = new AbortController();
    let timer;
    const wind = () => {
      clearTimeout(timer);
      timer = setTimeout(() => abort.abort(new Error(`timeout: no content for ${guard} ms`)), guard);
    };
    wind();
    try {
      const abortSignal = params.abortSignal ? AbortSignal.any([params.abortSignal, abort.signal]) : abort.signal;
      const answer = await model.doStream({ ...params, abortSignal });
      const watched = new TransformStream({
        transform(part, out) {
          if (/-delta$|^tool-call$/.test(part.type)) wind();
          out.enqueue(part);
        },
        flush: () => clearTimeout(timer),
      });
      return { ...answer, stream: answer.stream.pipeThrough(watched) };
    } catch (error) {
      clearTimeout(timer);
      throw abort.signal.aborted ? abort.signal.reason : error;
    }
  },
};

// tools turns OpenAI's tools into those of the AI SDK, without anything to execute.
function tools(wanted) {
  if (!wanted) return undefined;
  return Object.fromEntries(
    wanted.map(({ function: f }) => [f.name, tool({ description: f.description, inputSchema: jsonSchema(f.parameters ?? { type: "object" }) })]),
  );
}

function counts(usage) {
  return usage ? { input: usage.inputTokens, output: usage.outputTokens } : undefined;
}

cw.serve(build, { engine: `ai ${version}` });
