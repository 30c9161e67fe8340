// Kafka's own client, as a user's program has it: writes what we must be able to read, and reads what we write.
// Run with `java -cp "<jars>/*" ForeignClient.java BOOTSTRAP COMMAND TOPIC …`, or with several commands, a comma
// between them. Not a tool for people.
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

public class ForeignClient {
  static byte[] bytes(String text) {
    return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
  }

  static KafkaProducer<byte[], byte[]> producer(String bootstrap, Map<String, Object> more) {
    Map<String, Object> settings = new HashMap<>(Map.of(
        "bootstrap.servers", bootstrap, "acks", "all", "linger.ms", "20", "max.request.size", "2000000"));
    settings.putAll(more);
    return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
  }

  static ProducerRecord<byte[], byte[]> record(String topic, String key, String value) {
    return new ProducerRecord<>(topic, 0, bytes(key), bytes(value));
  }

  /** `count` records of each codec to lane 0: values `<codec>-<n>` and a tail that compresses. */
  static void codecs(String bootstrap, String topic, int count) {
    String tail = " lorem ipsum dolor sit amet".repeat(20);
    for (String codec : List.of("none", "gzip", "snappy", "lz4", "zstd")) {
      try (var producer = producer(bootstrap, Map.of("compression.type", codec))) {
        for (int n = 0; n < count; n++) producer.send(record(topic, codec, codec + "-" + n + tail));
      }
    }
  }

  /** Three transactions on lane 0: `kept`, then `dropped` (aborted), then `also kept`. */
  static void transactions(String bootstrap, String topic) throws Exception {
    try (var producer = producer(bootstrap, Map.of("transactional.id", "foreign"))) {
      producer.initTransactions();
      for (String value : List.of("kept", "dropped", "also kept")) {
        producer.beginTransaction();
        for (int n = 0; n < 3; n++) producer.send(record(topic, null, value + "-" + n)).get();
        if (value.equals("dropped")) producer.abortTransaction();
        else producer.commitTransaction();
      }
    }
  }

  /** Begins a transaction on lane 1, and ends the program without ending it. */
  static void hang(String bootstrap, String topic) throws Exception {
    var producer = producer(bootstrap, Map.of("transactional.id", "hanging", "transaction.timeout.ms", "600000"));
    producer.initTransactions();
    producer.beginTransaction();
    producer.send(new ProducerRecord<byte[], byte[]>(topic, 1, null, bytes("hangs"))).get();
    Runtime.getRuntime().halt(0);
  }

  static String encoded(byte[] bytes) {
    return bytes == null ? "null" : "\"" + Base64.getEncoder().encodeToString(bytes) + "\"";
  }

  static String line(ConsumerRecord<byte[], byte[]> record) {
    var headers = new StringBuilder();
    record.headers().forEach((header) ->
        headers.append(headers.length() == 0 ? "" : ",").append("[").append(encoded(bytes(header.key())))
            .append(",").append(encoded(header.value())).append("]"));
    return "{\"offset\":" + record.offset() + ",\"key\":" + encoded(record.key()) + ",\"value\":"
        + encoded(record.value()) + ",\"headers\":[" + headers + "]}";
  }

  /** Prints `count` records of lane 0 from its start, read committed, each as a line of JSON, texts in base64. */
  static void read(String bootstrap, String topic, int count) {
    Map<String, Object> settings = Map.of(
        "bootstrap.servers", bootstrap, "isolation.level", "read_committed", "check.crcs", true);
    var lane = List.of(new TopicPartition(topic, 0));
    try (var consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(lane);
      consumer.seekToBeginning(lane);
      long deadline = System.nanoTime() + 20_000_000_000L;
      for (int seen = 0; seen < count && System.nanoTime() < deadline;) {
        for (var record : consumer.poll(Duration.ofMillis(200))) {
          System.out.println(line(record));
          seen++;
        }
      }
    }
  }

  static void run(String bootstrap, List<String> command) throws Exception {
    String topic = command.get(1);
    switch (command.get(0)) {
      case "codecs" -> codecs(bootstrap, topic, Integer.parseInt(command.get(2)));
      case "transactions" -> transactions(bootstrap, topic);
      case "hang" -> hang(bootstrap, topic);
      case "read" -> read(bootstrap, topic, Integer.parseInt(command.get(2)));
      default -> throw new IllegalArgumentException(command.get(0));
    }
  }

  public static void main(String[] args) throws Exception {
    var commands = String.join(" ", List.of(args).subList(1, args.length)).split(" , ");
    for (var command : commands) run(args[0], List.of(command.split(" ")));
  }
}
