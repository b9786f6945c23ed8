// ai-retry over the AI SDK: a model that asks the next one if the first fails.
//
//   node worker.mjs        TIMEOUT is that of streamText's firstChunkMs and chunkMs, "default" is none. RETRIES are
//                          those of the first model with a backoff, "none" goes on to the next at once. GUARD is the
//                          longest pause between pieces of content that a guard around each model allows, "none" is none
import { createRequire } from "node:module";

const require = createRequire(import.meta.url); // finds packages by NODE_PATH, which import does not
const { streamText, generateText, wrapLanguageModel } = require("ai");
const { createRetryableModel, error } = require("ai-retry/language-model");
const { createOpenAICompatible } = require("@ai-sdk/openai-compatible");
const fs = require("node:fs");
const path = require("node:path");
const cw = await import(`${process.env.CHAOSRUN_WORKER_DIR}/chaosrun_worker.mjs`);

const { version } = JSON.parse(fs.readFileSync(path.join(process.env.NODE_PATH, "ai-retry/package.json"), "utf8"));
const ms = (text) => (text === "default" || text === "none" ? undefined : parseFloat(text) * 1000);
const patience = ms(process.env.TIMEOUT);
const guard = ms(process.env.GUARD);
const retries = process.env.RETRIES === "none" ? 0 : Number(process.env.RETRIES);

function build(run) {
  let models = run.upstreams.map((u) =>
    createOpenAICompatible({ name: u.name, apiKey: u.key, baseURL: u.base_url, includeUsage: true })(u.model),
  );
  if (guard) models = models.map((model) => wrapLanguageModel({ model, middleware: guarded }));
  const conditions = models.slice(1);
  if (retries) conditions.unshift(error.isRetryable(true).retry({ maxAttempts: retries + 1, delay: 1000, backoffFactor: 2 }));
  const model = createRetryableModel({ model: models[0], retries: conditions });
  return async function* (call) {
    const request = { model, messages: call.messages, allowSystemInMessages: true, abortSignal: call.signal, maxRetries: 0 };
    if (patience) request.timeout = { firstChunkMs: patience, chunkMs: patience };
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
// is one of the model, so that ai-retry asks the next one; streamText's own timers would abort both.
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
    } catch (failure) {
      clearTimeout(timer);
      throw abort.signal.aborted ? abort.signal.reason : failure;
    }
  },
};

function counts(usage) {
  return usage ? { input: usage.inputTokens, output: usage.outputTokens } : undefined;
}

cw.serve(build, { engine: `ai-retry ${version}` });
