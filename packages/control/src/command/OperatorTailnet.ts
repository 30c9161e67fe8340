/** The tailnet that is made at the first start: its Owner operates this installation. */
import { TailnetName } from "@tailrace/domain"
import { Context } from "effect"

export class OperatorTailnet extends Context.Reference<TailnetName>("@tailrace/control/OperatorTailnet", {
  defaultValue: () => TailnetName.make("example.com")
}) {}
