// The control row for Node on Anthropic's wire: the bare anthropic SDK, and a loop that asks the next
// provider if nothing was delivered: no watchdog, no memory of who failed.
//
//   node worker.mjs        TIMEOUT and RETRIES are the SDK's own, "default" leaves them as they are
import { createRequire } from "node:module";

const require = createRequire(import.meta.url); // finds packages by NODE_PATH, which import does not
const { Anthropic } = require("@anthropic-ai/sdk");
const { VERSION } = require("@anthropic-ai/sdk/version");
const cw = await import(`${process.env.CHAOSRUN_WORKER_DIR}/chaosrun_worker.mjs`);

const options = {};
if (process.env.TIMEOUT !== "default") options.timeout = parseFloat(process.env.TIMEOUT) * 1000;
if (process.env.RETRIES !== "default") options.maxRetries = Number(process.env.RETRIES);

function build(run) {
  const chain = run.upstreams.map((u) => ({ model: u.model, client: new Anthropic({ baseURL: u.base_url, apiKey: u.key, ...options }) }));
  return async function* (call) {
    const request = {
      max_tokens: 1024,
      system: call.messages.find((m) => m.role === "system")?.content,
      messages: call.messages.filter((m) => m.role !== "system"),
      tools: call.tools?.map(({ function: f }) => ({ name: f.name, description: f.description, input_schema: f.parameters ?? { type: "object" } })),
    };
    let failure;
    for (const { client, model } of chain) {
      let delivered = false;
      try {
        if (!call.stream) {
          const answer = await client.messages.create({ ...request, model }, { signal: call.signal });
          for (const block of answer.content) if (block.type === "text") yield block.text;
          yield cw.end({ finish: answer.stop_reason, model: answer.model, usage: counts(answer.usage) });
          return;
        }
        const stream = await client.messages.create({ ...request, model, stream: true }, { signal: call.signal });
        let finish, named, usage;
        for await (const event of stream) {
          if (event.type === "message_start") {
            named = event.message.model;
            usage = event.message.usage;
          } else if (event.type === "message_delta") {
            finish = event.delta.stop_reason ?? finish;
            usage = { ...usage, ...event.usage };
          } else if (event.type === "content_block_start" && event.content_block.type === "tool_use") {
            delivered = true;
            yield cw.tool({ index: event.index, id: event.content_block.id, name: event.content_block.name });
          } else if (event.type === "content_block_delta") {
            if (event.delta.type === "thinking_delta") yield cw.thinking(event.delta.thinking);
            if (event.delta.type === "text_delta") {
              delivered = true;
              yield event.delta.text;
            }
            if (event.delta.type === "input_json_delta") yield cw.tool({ index: event.index, arguments: event.delta.partial_json });
          }
        }
        if (call.signal.aborted) throw new Error("cancelled"); // the SDK ends an aborted stream without an error
        yield cw.end({ finish, model: named, usage: counts(usage) });
        return;
      } catch (error) {
        failure = error;
        if (delivered || call.signal.aborted) throw error;
      }
    }
    throw failure;
  };
}

// counts returns the numbers of tokens that a usage names, or undefined without one.
function counts(usage) {
  return usage ? { input: usage.input_tokens, output: usage.output_tokens } : undefined;
}

cw.serve(build, { engine: `@anthropic-ai/sdk ${VERSION}` });
