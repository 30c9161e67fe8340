/** On or off, in the words that people use. */
import { Option } from "effect"

export const parseSwitch = (text: string): Option.Option<boolean> => {
  if (["1", "true", "yes", "on"].includes(text.toLowerCase())) return Option.some(true)
  return ["0", "false", "no", "off"].includes(text.toLowerCase()) ? Option.some(false) : Option.none()
}
