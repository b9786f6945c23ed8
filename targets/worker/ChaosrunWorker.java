import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;

/**
 * ChaosrunWorker lets chaosrun test a Java engine: one file, no dependencies, Java 17 or newer.
 *
 * <pre>
 * public class Worker {
 *   public static void main(String[] args) {
 *     ChaosrunWorker.serve("my-router 1.2.3", run -> {    // once per run
 *       var first = run.upstreams().get(0);               // name protocol url baseUrl key model
 *       var engine = …;                                   // the engine under test, told about them
 *       return (call, answer) -> engine.stream(call.messages(), answer::text); // once per call
 *     });
 *   }
 * }
 * </pre>
 *
 * chaosrun starts the program and speaks with it in JSON lines over standard input and output.
 * docs/WRITING_A_WORKER.md has the whole protocol.
 */
public final class ChaosrunWorker {
  /** MOST bounds the text of an error, in characters. */
  private static final int MOST = 2000;

  /** Builds the engine, before a run's first call. */
  public interface Build {
    Caller build(Run run) throws Exception;
  }

  /**
   * Makes one call. It gives the pieces of the answer while they come, and returns when it is over: an
   * exception is the error that the engine's caller gets. Each call has a thread of its own, which is
   * interrupted when the caller goes away.
   */
  public interface Caller {
    void call(Call call, Answer answer) throws Exception;
  }

  /** Thrown by a Build if the engine cannot run the scenario: the run is skipped with the reason. */
  public static final class Skip extends RuntimeException {
    public Skip(String reason) {
      super(reason);
    }
  }

  /** A provider. url is its root, baseUrl what the vendor's SDK wants. */
  public record Upstream(String name, String protocol, String url, String baseUrl, String key, String model) {}

  /** A run: the providers, the primary first, the scenario, the seed of its random numbers, and the most calls at once. */
  public record Run(String scenario, long seed, List<Upstream> upstreams, int atOnce) {}

  /**
   * What the engine's caller asks for. messages has OpenAI's shape and is never empty; prompt is the
   * text of its last message. tools has OpenAI's shape, or is empty. contextTokens is the declared size
   * of the conversation, or 0, and contextWindow that of the model. deadlineSeconds is the caller's own
   * deadline, or 0. restarts says that the caller understands {@link Answer#restart}.
   */
  public record Call(
      String prompt,
      List<Map<String, Object>> messages,
      List<Map<String, Object>> tools,
      boolean stream,
      int contextTokens,
      int contextWindow,
      double deadlineSeconds,
      boolean restarts) {}

  /**
   * Takes the pieces of one answer. It may be used by any thread. When the caller has gone away it
   * throws a CancellationException, so that whoever goes on giving stops.
   */
  public static final class Answer {
    private final ChaosrunWorker worker;
    private final Object number;
    private Thread thread;
    private boolean over;

    private Answer(ChaosrunWorker worker, Object number) {
      this.worker = worker;
      this.number = number;
    }

    /** Gives a piece of the answer. */
    public void text(String piece) {
      if (piece != null && !piece.isEmpty()) {
        write(false, "text", piece);
      }
    }

    /** Gives a piece of reasoning. */
    public void thinking(String piece) {
      if (piece != null && !piece.isEmpty()) {
        write(false, "thinking", piece);
      }
    }

    /** Gives a piece of a tool call: its name, or a part of its arguments, a JSON text. What is null is left out. */
    public void tool(int index, String id, String name, String arguments) {
      var tool = new LinkedHashMap<String, Object>();
      tool.put("index", index);
      put(tool, "id", id);
      put(tool, "name", name);
      put(tool, "arguments", arguments);
      write(false, "tool", tool);
    }

    /** Says that the answer begins anew: the caller forgets all that came before it. */
    public void restart() {
      write(false, "restart", true);
    }

    /**
     * Ends the answer with its finish reason, the model's name and the tokens; what is null or negative
     * is left out. A call that returns without it has ended too.
     */
    public void end(String finish, String model, long input, long output) {
      var line = new LinkedHashMap<String, Object>();
      line.put("end", true);
      put(line, "finish", finish);
      put(line, "model", model);
      if (input >= 0 && output >= 0) {
        line.put("usage", Map.of("input", input, "output", output));
      }
      write(true, line);
    }

    /** Ends the answer with a finish reason and the model's name. */
    public void end(String finish, String model) {
      end(finish, model, -1, -1);
    }

    private void fail(Throwable problem) {
      try {
        write(true, worker.error(problem));
      } catch (CancellationException e) {
        // it is over already
      }
    }

    private void cancel() {
      try {
        write(true, new LinkedHashMap<>(Map.of("error", "cancelled", "type", "Cancelled")));
      } catch (CancellationException e) {
        return; // it is over already
      }
      thread.interrupt();
    }

    private void write(boolean last, String key, Object value) {
      var line = new LinkedHashMap<String, Object>();
      line.put(key, value);
      write(last, line);
    }

    private synchronized void write(boolean last, Map<String, Object> fields) {
      if (over) {
        throw new CancellationException("the call is over");
      }
      over = last;
      if (last) {
        worker.answers.remove(number);
      }
      var line = new LinkedHashMap<String, Object>();
      line.put("call", number);
      line.putAll(fields);
      worker.write(line);
    }
  }

  private final OutputStream output = new FileOutputStream(FileDescriptor.out);
  private final Map<Object, Answer> answers = new ConcurrentHashMap<>();
  private final String engine;
  private final Build build;
  private volatile Caller caller;
  private List<String> keys = List.of();

  private ChaosrunWorker(String engine, Build build) {
    this.engine = engine;
    this.build = build;
  }

  /**
   * Answers chaosrun until standard input closes, and then ends the process. engine is the name and the
   * version for reports, or null.
   */
  public static void serve(String engine, Build build) {
    int code = 0;
    System.setOut(System.err); // what the engine prints is its log
    try {
      ignoreInterrupts();
      new ChaosrunWorker(engine, build).serve();
    } catch (Throwable t) {
      t.printStackTrace();
      code = 1;
    }
    System.err.flush();
    Runtime.getRuntime().halt(code); // whatever threads the engine has left
  }

  /** chaosrun decides when a worker ends. The class is no part of Java's API, but of every JDK. */
  private static void ignoreInterrupts() throws ReflectiveOperationException {
    Class<?> signal = Class.forName("sun.misc.Signal");
    Class<?> handler = Class.forName("sun.misc.SignalHandler");
    Object interrupt = signal.getConstructor(String.class).newInstance("INT");
    signal.getMethod("handle", signal, handler).invoke(null, interrupt, handler.getField("SIG_IGN").get(null));
  }

  private void serve() throws IOException {
    var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (!line.isBlank()) {
        take(object(new Json(line).read()));
      }
    }
  }

  private void take(Map<String, Object> line) {
    if (number(line.get("v")) != 1) {
      throw new IllegalArgumentException("chaosrun speaks version " + line.get("v") + " of the worker protocol, this file version 1");
    }
    if (line.containsKey("run")) {
      List.copyOf(answers.values()).forEach(Answer::cancel);
      write(start(object(line.get("run"))));
    } else if (line.containsKey("call")) {
      begin(line);
    } else if (line.containsKey("cancel")) {
      Answer answer = answers.get(line.get("cancel"));
      if (answer != null) {
        answer.cancel();
      }
    }
  }

  private Map<String, Object> start(Map<String, Object> fields) {
    var upstreams = new ArrayList<Upstream>();
    for (var u : objects(fields.get("upstreams"))) {
      upstreams.add(new Upstream(text(u, "name"), text(u, "protocol"), text(u, "url"), text(u, "base_url"), text(u, "key"), text(u, "model")));
    }
    keys = upstreams.stream().map(Upstream::key).filter(key -> !key.isEmpty()).toList();
    caller = null;
    var line = new LinkedHashMap<String, Object>();
    try {
      int atOnce = (int) Math.max(1, number(fields.get("at_once")));
      caller = build.build(new Run(text(fields, "scenario"), fields.get("seed") instanceof Number seed ? seed.longValue() : 0, List.copyOf(upstreams), atOnce));
      line.put("run", true);
      if (atOnce > 1) {
        line.put("overlap", true);
      }
      put(line, "engine", engine);
    } catch (Skip e) {
      line.put("skip", e.getMessage());
    } catch (Exception e) {
      e.printStackTrace();
      return error(e);
    }
    return line;
  }

  private void begin(Map<String, Object> line) {
    var answer = new Answer(this, line.get("call"));
    answers.put(line.get("call"), answer);
    Caller function = caller;
    answer.thread = new Thread(() -> {
      try {
        if (function == null) {
          throw new IllegalStateException("got a call before a run that could be built");
        }
        function.call(call(line), answer);
        answer.end(null, null);
      } catch (CancellationException e) {
        answer.fail(e); // the engine's own, unless the call is over
      } catch (Throwable t) {
        answer.fail(t);
      }
    }, "call-" + line.get("call"));
    answer.thread.setDaemon(true);
    answer.thread.start();
  }

  private static Call call(Map<String, Object> line) {
    String prompt = text(line, "prompt");
    var messages = objects(line.get("messages"));
    if (messages.isEmpty()) {
      messages = List.of(Map.of("role", "user", "content", prompt));
    } else if (prompt.isEmpty()) {
      prompt = text(messages.get(messages.size() - 1), "content");
    }
    return new Call(prompt, messages, objects(line.get("tools")), Boolean.TRUE.equals(line.get("stream")),
        (int) number(line.get("context_tokens")), (int) number(line.get("context_window")),
        number(line.get("deadline_s")), Boolean.TRUE.equals(line.get("restarts")));
  }

  private void write(Map<String, Object> line) {
    var text = new StringBuilder();
    Json.write(text, line);
    byte[] data = text.append('\n').toString().getBytes(StandardCharsets.UTF_8);
    synchronized (output) {
      try {
        output.write(data);
      } catch (IOException e) {
        Runtime.getRuntime().halt(1); // chaosrun has gone
      }
    }
  }

  /** Returns the line of an error: its text without keys, its type, and what its HTTP answer said. */
  private Map<String, Object> error(Throwable problem) {
    String text = problem.getMessage() == null ? problem.getClass().getSimpleName() : problem.getMessage();
    for (String key : keys) {
      text = text.replace(key, "[key]");
    }
    var line = new LinkedHashMap<String, Object>();
    line.put("error", text.substring(0, Math.min(text.length(), MOST)));
    line.put("type", problem.getClass().getSimpleName());
    for (Throwable t = problem; t != null && t != t.getCause(); t = t.getCause()) {
      if (ask(t, "statusCode") instanceof Integer status) {
        line.put("status", status);
        put(line, "retry_after_s", retryAfter(t));
        break;
      }
    }
    return line;
  }

  /** Returns the seconds that an error asks to wait, or null: its headers are asked for retry-after. */
  private static Double retryAfter(Throwable t) {
    Object headers = ask(t, "headers");
    if (headers == null) {
      return null;
    }
    try {
      var method = headers.getClass().getMethod("values", String.class);
      if (method.invoke(headers, "retry-after") instanceof Collection<?> values && !values.isEmpty()) {
        double seconds = Double.parseDouble(values.iterator().next().toString());
        return seconds >= 0 && seconds < Double.POSITIVE_INFINITY ? seconds : null;
      }
    } catch (ReflectiveOperationException | RuntimeException e) {
      return null; // it has no such headers, or no number of seconds there
    }
    return null;
  }

  private static Object ask(Object of, String method) {
    try {
      return of.getClass().getMethod(method).invoke(of);
    } catch (ReflectiveOperationException | RuntimeException e) {
      return null; // it has no such method
    }
  }

  private static void put(Map<String, Object> fields, String name, Object value) {
    if (value != null) {
      fields.put(name, value);
    }
  }

  private static String text(Map<String, Object> fields, String name) {
    return fields.get(name) instanceof String s ? s : "";
  }

  private static double number(Object value) {
    return value instanceof Number n ? n.doubleValue() : 0;
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> object(Object value) {
    return value instanceof Map ? (Map<String, Object>) value : Map.of();
  }

  private static List<Map<String, Object>> objects(Object value) {
    return value instanceof List<?> list ? list.stream().map(ChaosrunWorker::object).toList() : List.of();
  }

  /** Writes and reads JSON: objects are maps, arrays lists, numbers Long or Double. */
  public static final class Json {
    private final String text;
    private int at;

    private Json(String text) {
      this.text = text;
    }

    /** Returns the JSON text of a value. */
    public static String of(Object value) {
      var text = new StringBuilder();
      write(text, value);
      return text.toString();
    }

    private static void write(StringBuilder to, Object value) {
      if (value instanceof Map<?, ?> map) {
        String before = "{";
        for (var entry : map.entrySet()) {
          to.append(before);
          quote(to, entry.getKey().toString());
          write(to.append(':'), entry.getValue());
          before = ",";
        }
        to.append(map.isEmpty() ? "{}" : "}");
      } else if (value instanceof List<?> list) {
        String before = "[";
        for (Object item : list) {
          write(to.append(before), item);
          before = ",";
        }
        to.append(list.isEmpty() ? "[]" : "]");
      } else if (value instanceof String s) {
        quote(to, s);
      } else {
        to.append(value); // a number, true, false or null
      }
    }

    private static void quote(StringBuilder to, String s) {
      to.append('"');
      for (int i = 0; i < s.length(); i++) {
        char c = s.charAt(i);
        if (c == '"' || c == '\\') {
          to.append('\\').append(c);
        } else if (c < ' ' || Character.isSurrogate(c)) {
          to.append(String.format("\\u%04x", (int) c));
        } else {
          to.append(c);
        }
      }
      to.append('"');
    }

    private Object read() {
      switch (peek()) {
        case '{' -> {
          var map = new LinkedHashMap<String, Object>();
          for (at++; peek() != '}'; skip(',')) {
            String key = string();
            peek();
            at++; // the colon
            map.put(key, read());
          }
          at++;
          return map;
        }
        case '[' -> {
          var list = new ArrayList<>();
          for (at++; peek() != ']'; skip(',')) {
            list.add(read());
          }
          at++;
          return list;
        }
        case '"' -> {
          return string();
        }
        default -> {
          return word();
        }
      }
    }

    private char peek() {
      while (Character.isWhitespace(text.charAt(at))) {
        at++;
      }
      return text.charAt(at);
    }

    private void skip(char c) {
      if (peek() == c) {
        at++;
      }
    }

    private String string() {
      peek();
      var s = new StringBuilder();
      for (at++; text.charAt(at) != '"'; at++) {
        if (text.charAt(at) != '\\') {
          s.append(text.charAt(at));
          continue;
        }
        char c = text.charAt(++at);
        if (c == 'u') {
          s.append((char) Integer.parseInt(text.substring(at + 1, at + 5), 16));
          at += 4;
        } else {
          int known = "bfnrt".indexOf(c);
          s.append(known < 0 ? c : "\b\f\n\r\t".charAt(known));
        }
      }
      at++;
      return s.toString();
    }

    private Object word() {
      int from = at;
      while (at < text.length() && ",]} \t".indexOf(text.charAt(at)) < 0) {
        at++;
      }
      String word = text.substring(from, at);
      switch (word) {
        case "null" -> {
          return null;
        }
        case "true", "false" -> {
          return word.equals("true");
        }
        default -> {
          return word.matches("-?\\d{1,18}") ? (Object) Long.valueOf(word) : Double.valueOf(word);
        }
      }
    }
  }
}
