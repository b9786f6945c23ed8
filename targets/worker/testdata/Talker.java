import java.util.Collection;
import java.util.List;

/** A worker whose answers are picked by the prompt. The tests hold conversations with it. */
public final class Talker {
  /** An error as the SDKs have it. */
  public static final class TooMany extends Exception {
    TooMany(String text) {
      super(text);
    }

    public int statusCode() {
      return 429;
    }

    public Headers headers() {
      return new Headers();
    }
  }

  public static final class Headers {
    public Collection<String> values(String name) {
      return name.equals("retry-after") ? List.of("7") : List.of();
    }
  }

  public static void main(String[] args) {
    ChaosrunWorker.serve("talker 1.2.3", run -> {
      switch (run.scenario()) {
        case "no-gemini" -> throw new ChaosrunWorker.Skip("no Gemini");
        case "broken" -> throw new IllegalStateException("cannot build with " + run.upstreams().get(0).key());
        case "late" -> {
          return (call, answer) -> answer.text("late text");
        }
        case "plain" -> {
          return Talker::plain;
        }
        default -> {
          return (call, answer) -> speak(run, call, answer);
        }
      }
    });
  }

  private static void plain(ChaosrunWorker.Call call, ChaosrunWorker.Answer answer) throws Exception {
    switch (call.prompt()) {
      case "text" -> answer.text("the whole text");
      case "plain hang" -> {
        answer.text("one");
        for (Object never = new Object();;) {
          try {
            synchronized (never) {
              never.wait();
            }
          } catch (InterruptedException e) {
            continue; // and never looks at it
          }
        }
      }
      default -> {
        answer.text("plain ");
        answer.text("hello");
      }
    }
  }

  private static void speak(ChaosrunWorker.Run run, ChaosrunWorker.Call c, ChaosrunWorker.Answer answer) throws Exception {
    var first = run.upstreams().get(0);
    switch (c.prompt()) {
      case "print" -> {
        System.out.println("a stray print");
        System.out.println("{\"call\": 1, \"text\": \"a stray line\"}");
        answer.text("True");
      }
      case "pieces" -> {
        answer.thinking("hm");
        answer.text("hel");
        answer.text("");
        answer.text("lo");
        answer.restart();
        answer.tool(0, "t1", "look", "{");
        answer.tool(0, null, null, "}");
        answer.end("stop", first.model(), 3, 5);
      }
      case "too many" -> throw new TooMany("slow down, " + first.key());
      case "long" -> throw new IllegalStateException("x".repeat(100_000));
      case "hang" -> {
        answer.text("one");
        Thread.sleep(Long.MAX_VALUE);
      }
      case "echo" -> answer.text(ChaosrunWorker.Json.of(c.messages()) + ChaosrunWorker.Json.of(c.tools()));
      default -> answer.text(c.stream() + " " + c.restarts() + " " + c.contextTokens() + " " + c.deadlineSeconds() + " "
          + c.messages().size() + " " + c.messages().get(c.messages().size() - 1).get("content") + " " + run.seed());
    }
  }
}
