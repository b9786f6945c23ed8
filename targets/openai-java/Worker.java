import com.fasterxml.jackson.core.type.TypeReference;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.Properties;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionMessageParam;
import com.openai.models.chat.completions.ChatCompletionTool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A worker for the control row: the bare SDK, and the loop that most people write around it. */
public final class Worker {
  private static final TypeReference<List<ChatCompletionMessageParam>> MESSAGES = new TypeReference<>() {};
  private static final TypeReference<List<ChatCompletionTool>> TOOLS = new TypeReference<>() {};

  private record Provider(OpenAIClient client, String model) {}

  public static void main(String[] args) {
    ChaosrunWorker.serve("openai-java " + Properties.getPackageVersion(), Worker::build);
  }

  private static ChaosrunWorker.Caller build(ChaosrunWorker.Run run) {
    var providers = new ArrayList<Provider>();
    for (var up : run.upstreams()) {
      if (!up.protocol().equals("openai-chat")) {
        throw new ChaosrunWorker.Skip("the SDK does not speak " + up.protocol());
      }
      var client = OpenAIOkHttpClient.builder().baseUrl(up.baseUrl()).apiKey(up.key());
      if (setting("TIMEOUT") != null) {
        client.timeout(Duration.ofSeconds(Long.parseLong(setting("TIMEOUT"))));
      }
      if (setting("MAX_RETRIES") != null) {
        client.maxRetries(Integer.parseInt(setting("MAX_RETRIES")));
      }
      providers.add(new Provider(client.build(), up.model()));
    }
    return (call, answer) -> {
      for (int n = 0;; n++) {
        try {
          ask(providers.get(n), call, answer);
          return;
        } catch (RuntimeException e) {
          if (n + 1 == providers.size()) {
            throw e;
          }
        }
      }
    };
  }

  private static void ask(Provider provider, ChaosrunWorker.Call call, ChaosrunWorker.Answer answer) {
    var params = ChatCompletionCreateParams.builder()
        .model(provider.model())
        .messages(JsonValue.from(call.messages()).convert(MESSAGES));
    if (!call.tools().isEmpty()) {
      params.tools(JsonValue.from(call.tools()).convert(TOOLS));
    }
    var completions = provider.client().chat().completions();
    if (!call.stream()) {
      var whole = completions.create(params.build());
      var choice = whole.choices().get(0);
      answer.text(choice.message().content().orElse(""));
      answer.end(choice.finishReason().asString(), whole.model());
      return;
    }
    String finish = null;
    String model = null;
    try (var chunks = completions.createStreaming(params.build())) {
      for (var chunk : (Iterable<ChatCompletionChunk>) chunks.stream()::iterator) {
        model = chunk.model();
        for (var choice : chunk.choices()) {
          finish = choice.finishReason().map(Object::toString).orElse(finish);
          answer.text(choice.delta().content().orElse(""));
          for (var tool : choice.delta().toolCalls().orElse(List.of())) {
            var function = tool.function();
            answer.tool((int) tool.index(), tool.id().orElse(null), function.flatMap(f -> f.name()).orElse(null),
                function.flatMap(f -> f.arguments()).orElse(null));
          }
        }
      }
    }
    answer.end(finish, model);
  }

  /** Returns a setting that is not left at the SDK's default. */
  private static String setting(String name) {
    String value = System.getenv().getOrDefault("OPENAI_" + name, "default");
    return value.equals("default") ? null : value;
  }
}
