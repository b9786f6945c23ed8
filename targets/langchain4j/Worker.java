import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.anthropic.AnthropicStreamingChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonRawSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialThinking;
import dev.langchain4j.model.chat.response.PartialToolCall;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A worker for LangChain4j: a streaming chat model per provider, and what people write around it, because it
 * has no fallback: onError asks the next one. With GUARD_PATIENCE a call is given up when that many seconds
 * bring no piece of the answer.
 */
public final class Worker {
  public static void main(String[] args) {
    ChaosrunWorker.serve("langchain4j", Worker::build);
  }

  private static ChaosrunWorker.Caller build(ChaosrunWorker.Run run) {
    List<StreamingChatModel> models = run.upstreams().stream().map(Worker::model).toList();
    return (call, answer) -> {
      for (int n = 0;; n++) {
        var listener = new Listener(call, answer);
        try {
          ask(models.get(n), call, listener);
          return;
        } catch (Exception e) {
          listener.over = true;
          boolean guarded = setting("GUARD_PATIENCE") != null;
          if (n + 1 == models.size() || guarded && listener.delivered && !call.restarts()) {
            throw e;
          }
          if (guarded && listener.delivered) {
            answer.restart();
          }
        }
      }
    };
  }

  private static StreamingChatModel model(ChaosrunWorker.Upstream up) {
    Duration timeout = setting("TIMEOUT") == null ? null : Duration.ofSeconds(Long.parseLong(setting("TIMEOUT")));
    return switch (up.protocol()) {
      case "openai-chat" -> OpenAiStreamingChatModel.builder().baseUrl(up.baseUrl()).apiKey(up.key()).modelName(up.model()).timeout(timeout).build();
      case "anthropic-messages" ->
          AnthropicStreamingChatModel.builder().baseUrl(up.url() + "/v1").apiKey(up.key()).modelName(up.model()).timeout(timeout).build();
      default -> throw new ChaosrunWorker.Skip("not configured for " + up.protocol());
    };
  }

  /** Asks one model, and waits until its listener was told of the end. */
  private static void ask(StreamingChatModel model, ChaosrunWorker.Call call, Listener listener) throws Exception {
    var request = ChatRequest.builder().messages(call.messages().stream().map(Worker::message).toList());
    if (!call.tools().isEmpty()) {
      request.toolSpecifications(call.tools().stream().map(Worker::tool).toList());
    }
    model.chat(request.build(), listener);
    try {
      String patience = setting("GUARD_PATIENCE");
      while (patience != null && !listener.ended.isDone()) {
        long left = listener.heard + TimeUnit.SECONDS.toNanos(Long.parseLong(patience)) - System.nanoTime();
        if (left <= 0) {
          throw new TimeoutException("no piece of the answer came for " + patience + " s");
        }
        listener.waitFor(left);
      }
      listener.ended.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  private static ChatMessage message(Map<String, Object> m) {
    String content = String.valueOf(m.get("content"));
    return switch (String.valueOf(m.get("role"))) {
      case "system" -> SystemMessage.from(content);
      case "assistant" -> AiMessage.from(content);
      default -> UserMessage.from(content);
    };
  }

  @SuppressWarnings("unchecked")
  private static ToolSpecification tool(Map<String, Object> tool) {
    var function = (Map<String, Object>) tool.get("function");
    var schema = JsonObjectSchema.builder();
    var parameters = (Map<String, Object>) function.getOrDefault("parameters", Map.of());
    ((Map<String, Object>) parameters.getOrDefault("properties", Map.of()))
        .forEach((name, property) -> schema.addProperty(name, JsonRawSchema.from(ChaosrunWorker.Json.of(property))));
    return ToolSpecification.builder().name((String) function.get("name")).description((String) function.get("description"))
        .parameters(schema.build()).build();
  }

  /** Returns a setting that is not left at its default. */
  private static String setting(String name) {
    String value = System.getenv().getOrDefault("LANGCHAIN4J_" + name, "default");
    return value.equals("default") ? null : value;
  }

  /** Hands on what a model says. */
  private static final class Listener implements StreamingChatResponseHandler {
    private final ChaosrunWorker.Answer answer;
    private final boolean stream;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private volatile boolean delivered;
    private volatile boolean over;
    private volatile long heard = System.nanoTime();

    Listener(ChaosrunWorker.Call call, ChaosrunWorker.Answer answer) {
      this.stream = call.stream();
      this.answer = answer;
    }

    private void give(Runnable piece) {
      if (stream && !over) {
        delivered = true;
        heard = System.nanoTime();
        piece.run();
      }
    }

    /** Waits for the end, at most so many nanoseconds. */
    void waitFor(long nanos) throws InterruptedException, ExecutionException {
      try {
        ended.get(nanos, TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        return; // the caller looks how long ago a piece came
      }
    }

    @Override
    public void onPartialResponse(String text) {
      give(() -> answer.text(text));
    }

    @Override
    public void onPartialThinking(PartialThinking thinking) {
      give(() -> answer.thinking(thinking.text()));
    }

    @Override
    public void onPartialToolCall(PartialToolCall call) {
      give(() -> answer.tool(call.index(), call.id(), call.name(), call.partialArguments()));
    }

    @Override
    public void onCompleteResponse(ChatResponse response) {
      if (!over) {
        if (!stream) {
          answer.text(response.aiMessage().text());
        }
        String finish = response.finishReason() == null ? null : response.finishReason().name().toLowerCase();
        var usage = response.tokenUsage();
        boolean counted = usage != null && usage.inputTokenCount() != null && usage.outputTokenCount() != null;
        answer.end(finish, response.modelName(), counted ? usage.inputTokenCount() : -1, counted ? usage.outputTokenCount() : -1);
      }
      ended.complete(null);
    }

    @Override
    public void onError(Throwable problem) {
      ended.completeExceptionally(problem);
    }
  }
}
