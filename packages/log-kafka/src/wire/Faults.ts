/** What is wrong with a connection of kafkajs 2.2.4, and the cure of each: made on the instance, before it is used. */
import { thrown } from "./Failure.ts"
import type { Exchange, KafkajsConnection } from "./Kafkajs.ts"

/** No answer is longer; what claims to be is not Kafka's. */
const maxAnswerBytes = 256 * 1_048_576

/** kafkajs 2.2.4 sets a timer of one millisecond again and again, though nothing waits (requestQueue/index.js:319). */
export const stopIdleTimer = ({ requestQueue }: KafkajsConnection): void => {
  const schedule = requestQueue.scheduleCheckPendingRequests.bind(requestQueue)
  requestQueue.scheduleCheckPendingRequests = () => {
    if (requestQueue.pending.length > 0) schedule()
  }
}

/** kafkajs 2.2.4 throws out of the socket's event at an answer that is none (connection.js:488), ending the process. */
export const guardAnswers = (connection: KafkajsConnection, end: (reason: string) => void): void => {
  const process = connection.processData.bind(connection)
  connection.processData = (data) => {
    try {
      process(data)
    } catch {
      return end("answers in no form of Kafka's")
    }
    if (connection.bytesNeeded > maxAnswerBytes) end("does not speak Kafka's protocol (is TLS missing?)")
  }
}

/** kafkajs 2.2.4 wraps whatever ends an authentication into the same error: this tells a no from a broken wire. */
export const watchAuthentication = (connection: KafkajsConnection): (error: unknown) => boolean => {
  const { send } = connection
  let lastName = ""
  connection.send = <Answer>(exchange: Exchange<Answer>) => {
    const answer: Promise<Answer> = Reflect.apply(send, connection, [exchange])
    return answer.catch((error: unknown) => {
      lastName = thrown(error).name
      return Promise.reject(error)
    })
  }
  const isNo = (name: string): boolean => name === "" || name === "KafkaJSProtocolError"
  return (error) => {
    const { name } = thrown(error)
    return name === "KafkaJSProtocolError" || (name === "KafkaJSSASLAuthenticationError" && isNo(lastName))
  }
}

/** kafkajs 2.2.4 keeps all of the last answer's memory through an empty rest of it (connection.js:481). */
export const releaseAnswer = (connection: KafkajsConnection): void => {
  if (connection.bytesBuffered === 0) connection.chunks = []
}
