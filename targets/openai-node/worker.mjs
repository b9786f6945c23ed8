// The control row for Node: the bare openai SDK, and the loop that everybody writes first around it.
// "The next provider, if nothing was delivered": no watchdog, no memory of who failed.
//
//   node worker.mjs        TIMEOUT and RETRIES are the SDK's own, "default" leaves them as they are
import { createRequire } from "node:module";

const require = createRequire(import.meta.url); // finds packages by NODE_PATH, which import does not
const { OpenAI } = require("openai");
const { VERSION } = require("openai/version");
const cw = await import(`${process.env.CHAOSRUN_WORKER_DIR}/chaosrun_worker.mjs`);

const options = {};
if (process.env.TIMEOUT !== "default") options.timeout = parseFloat(process.env.TIMEOUT) * 1000;
if (process.env.RETRIES !== "default") options.maxRetries = Number(process.env.RETRIES);

function build(run) {
  const chain = run.upstreams.map((u) => ({ model: u.model, client: new OpenAI({ baseURL: u.base_url, apiKey: u.key, ...options }) }));
  return async function* (call) {
    const request = { messages: call.messages, tools: call.tools };
    let failure;
    for (const { client, model } of chain) {
      let delivered = false;
      try {
        if (!call.stream) {
          const answer = await client.chat.completions.create({ ...request, model }, { signal: call.signal });
          yield answer.choices[0].message.content ?? "";
          yield cw.end({ finish: answer.choices[0].finish_reason, model: answer.model, usage: counts(answer.usage) });
          return;
        }
        const stream = await client.chat.completions.create(
          { ...request, model, stream: true, stream_options: { include_usage: true } },
          { signal: call.signal },
        );
        let finish, named, usage;
        for await (const chunk of stream) {
          named = chunk.model ?? named;
          usage = counts(chunk.usage) ?? usage;
          const choice = chunk.choices?.[0];
          finish = choice?.finish_reason ?? finish;
          if (choice?.delta?.content) {
            delivered = true;
            yield choice.delta.content;
          }
          for (const t of choice?.delta?.tool_calls ?? []) {
            delivered = true;
            yield cw.tool({ index: t.index, id: t.id, name: t.function?.name, arguments: t.function?.arguments });
          }
        }
        if (call.signal.aborted) throw new Error("cancelled"); // the SDK ends an aborted stream without an error
        yield cw.end({ finish, model: named, usage });
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
  return usage ? { input: usage.prompt_tokens, output: usage.completion_tokens } : undefined;
}

cw.serve(build, { engine: `openai ${VERSION}` });
