import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.errors.OpenAIException;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import java.time.Duration;
import java.util.LinkedHashMap;

public class Worker {
  public static void main(String[] args) {
    ChaosrunWorker.serve("openai-java", run -> {
      var models = new LinkedHashMap<OpenAIClient, String>();
      for (var u : run.upstreams()) {
        models.put(OpenAIOkHttpClient.builder().baseUrl(u.baseUrl()).apiKey(u.key()).timeout(Duration.ofSeconds(2)).maxRetries(1).build(), u.model());
      }
      return (call, answer) -> {
        OpenAIException problem = null;
        for (var client : models.keySet()) {
          var question = ChatCompletionCreateParams.builder().model(models.get(client)).addUserMessage(call.prompt()).build();
          try (var chunks = client.chat().completions().createStreaming(question)) {
            chunks.stream().flatMap(chunk -> chunk.choices().stream()).forEach(choice -> answer.text(choice.delta().content().orElse("")));
            return;
          } catch (OpenAIException e) {
            problem = e;
          }
        }
        throw problem;
      };
    });
  }
}
