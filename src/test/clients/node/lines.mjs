// One task a line, as JSON; one line with what was told for each.
import { createInterface } from "node:readline";

/** @param {(task: {userToken: string, besides: Record<string, string>}) => Promise<object>} perform */
export async function serve(perform) {
  for await (const line of createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await perform(JSON.parse(line))));
  }
}
