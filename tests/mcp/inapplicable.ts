/**
 * The scenarios of the conformance suite that say nothing about this server, each with the reason. `docs/mcp.md` has the same
 * list for people.
 *
 * @module
 */

const FIXTURE = "calls a tool that the suite's own test server has";
const RESOURCE = "reads a resource that the suite's own test server has";
const PROMPT = "gets a prompt that the suite's own test server has";
const NO_SUBSCRIPTIONS = "resources are read when they are wanted; none can be subscribed to";
const NO_QUESTIONS =
  "this server asks nothing of the client: a person decides in a terminal, with the master password";

/** Scenario → why it does not apply. */
export const INAPPLICABLE: Readonly<Record<string, string>> = {
  "logging-set-level": "no log messages go to the client; the newest protocol has dropped them",
  "completion-complete": "no argument has values to be offered, so completion is not declared",
  "tools-call-simple-text": FIXTURE,
  "tools-call-image": FIXTURE,
  "tools-call-audio": FIXTURE,
  "tools-call-embedded-resource": FIXTURE,
  "tools-call-mixed-content": FIXTURE,
  "tools-call-with-logging": FIXTURE,
  "tools-call-error": FIXTURE,
  "tools-call-with-progress": FIXTURE,
  "tools-call-sampling": NO_QUESTIONS,
  "tools-call-elicitation": NO_QUESTIONS,
  "json-schema-2020-12": FIXTURE,
  "elicitation-sep1034-defaults": NO_QUESTIONS,
  "elicitation-sep1330-enums": NO_QUESTIONS,
  "resources-read-text": RESOURCE,
  "resources-read-binary": RESOURCE,
  "resources-templates-read": RESOURCE,
  "resources-subscribe": NO_SUBSCRIPTIONS,
  "resources-unsubscribe": NO_SUBSCRIPTIONS,
  "prompts-get-simple": PROMPT,
  "prompts-get-with-args": PROMPT,
  "prompts-get-embedded-resource": PROMPT,
  "prompts-get-with-image": PROMPT,
};
