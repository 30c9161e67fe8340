/** What of a coordinator's answers cannot be mended by trying again, said so that an operator can mend it. */
import { LogUnavailable } from "@tailrace/log"
import { ErrorCode, errorName } from "../wire/ErrorCode.ts"
import { sessionMillis } from "./timing.ts"

const cures = new Map<number, (groupId: string) => string>([
  [
    ErrorCode.GROUP_AUTHORIZATION_FAILED,
    (groupId) =>
      `this process may not be a member: it needs the ACL "Read" on the group (kafka-acls --add --allow-principal ` +
      `User:<its name> --operation Read --operation Describe --group ${groupId})`
  ],
  [
    ErrorCode.INVALID_SESSION_TIMEOUT,
    () =>
      `the brokers' settings group.min.session.timeout.ms to group.max.session.timeout.ms must include ${sessionMillis}`
  ],
  [ErrorCode.UNSUPPORTED_VERSION, () => "the brokers are older than Kafka 2.3"]
])

/** `undefined`: trying again may help. */
export const refusalOf = (groupId: string, code: number): LogUnavailable | undefined => {
  const cure = cures.get(code)
  return cure && new LogUnavailable({ reason: `group ${groupId}: ${cure(groupId)} (${errorName(code)})` })
}
