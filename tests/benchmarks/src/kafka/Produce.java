import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Writes the lines of its standard input as records by Kafka's own producer with its default settings:
 * `java Produce.java <brokers> <topic> <lanes> <tailnet> <tailnets>`. Of one tailnet, line n goes to lane n % lanes
 * with the key `tailnet/lane`. Of several, it is of `tN.tailnet` with N = n % tailnets, on the partitioner's lane.
 */
public class Produce {
  private static final int MAX_LINE = 1 << 20;

  public static void main(String[] args) throws Exception {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", args[0]);
    String topic = args[1];
    int lanes = Integer.parseInt(args[2]);
    int tailnets = Integer.parseInt(args[4]);
    byte[][] keys = new byte[tailnets == 1 ? lanes : tailnets][];
    for (int n = 0; n < keys.length; n++) {
      String key = tailnets == 1 ? args[3] + "/" + n : "t" + n + "." + args[3];
      keys[n] = key.getBytes(StandardCharsets.UTF_8);
    }
    ByteArraySerializer bytes = new ByteArraySerializer();
    try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(settings, bytes, bytes)) {
      send(producer, topic, keys, tailnets == 1);
    }
    System.out.println("produced");
  }

  private static void send(KafkaProducer<byte[], byte[]> producer, String topic, byte[][] keys, boolean spread)
      throws IOException {
    InputStream in = new BufferedInputStream(System.in, MAX_LINE);
    byte[] line = new byte[MAX_LINE];
    int used = 0;
    int n = 0;
    byte[] block = new byte[MAX_LINE];
    for (int read = in.read(block); read >= 0; read = in.read(block)) {
      for (int at = 0; at < read; at++) {
        if (block[at] != '\n') {
          line[used++] = block[at];
          continue;
        }
        int which = n++ % keys.length;
        Integer lane = spread ? Integer.valueOf(which) : null;
        producer.send(new ProducerRecord<>(topic, lane, keys[which], Arrays.copyOf(line, used)), Produce::failed);
        used = 0;
      }
    }
  }

  private static void failed(Object sent, Exception error) {
    if (error == null) return;
    error.printStackTrace();
    Runtime.getRuntime().halt(1);
  }
}
