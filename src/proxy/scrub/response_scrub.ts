/**
 * The stage between an upstream's response and the client: whatever a host that may receive secrets answers is searched for
 * them.
 *
 * @module
 */

import { Refusal } from "../refusal.ts";
import { scrubBytes, type ScrubSet } from "../../core/scrub/mod.ts";
import { keyringOf, type RequestContext, type StepServices } from "../context.ts";
import type {
  BodySource,
  HeaderField,
  IncomingRequest,
  OutgoingField,
  UpstreamResponse,
} from "../http/mod.ts";
import type { ProxyCredential } from "../ports.ts";
import { parseCodings } from "./codings.ts";
import { DecodedBody } from "./decoded_body.ts";
import { gather, GATHER_LIMIT, primed } from "./gather.ts";
import { mayBeReadBack } from "./read_back.ts";
import { describeChanged } from "./representation.ts";
import { fieldsForScrubbing, RANGE_FIELDS } from "./request_fields.ts";
import { ScrubbedBody } from "./scrubbed_body.ts";
import { scrubFields } from "./scrub_fields.ts";

/** Scrubs the response of one request. */
export class ResponseScrub {
  readonly #set: ScrubSet<ProxyCredential>;
  readonly #context: RequestContext;
  readonly #services: StepServices;
  readonly #found = new Set<ProxyCredential>();
  readonly #onFound = (credential: ProxyCredential): void => void this.#found.add(credential);
  readonly #noted = new Set<ProxyCredential>();
  /** What the response is decoded to, if it was coded. */
  #decoded: BodySource | undefined;

  private constructor(
    set: ScrubSet<ProxyCredential>,
    context: RequestContext,
    services: StepServices,
  ) {
    this.#set = set;
    this.#context = context;
    this.#services = services;
  }

  /**
   * Begins before the request is sent, so that locking the vault meanwhile changes nothing; null if its host may
   * receive no secret. Whoever begins it ends it.
   */
  static begin(context: RequestContext, services: StepServices): ResponseScrub | null {
    const set = keyringOf(context, services).scrubSet(context.target, context.credentials());
    if (set !== null) {
      const scrub = new ResponseScrub(set, context, services);
      try {
        scrub.#requireUnguessed();
      } catch (error) {
        set.release();
        throw error;
      }
      return scrub;
    }
    // The key may be dropped in the very moment after a secret was put in; unsearched its answer must not come back.
    if (context.uses.length > 0 && services.keyring.locked) {
      throw new Refusal(503, {
        code: "vault_locked",
        message: "cannot carry the request: the vault was locked meanwhile",
        hint: "wispkey unlock",
      });
    }
    return null;
  }

  /** The request's fields, so that the response can be searched. */
  requestFields(fields: readonly OutgoingField[]): OutgoingField[] {
    const { host } = this.#context.target;
    const wholeOnly = (): boolean => [...this.#set.owners].some((owner) => mayBeReadBack(owner, host));
    const hasRange = fields.some(({ name }) => RANGE_FIELDS.has(name.toLowerCase()));
    return fieldsForScrubbing(fields, hasRange && wholeOnly());
  }

  /** Fields of an interim response, or of any other. */
  fields(fields: readonly HeaderField[]): HeaderField[] {
    return scrubFields(this.#set, fields, this.#onFound);
  }

  /**
   * Answers the client.
   *
   * @throws {UpstreamError} `undecodable_response`; what the response throws.
   */
  async respond(
    request: IncomingRequest,
    response: UpstreamResponse,
    given: readonly HeaderField[],
  ): Promise<void> {
    try {
      await this.#respond(request, response, this.fields(given));
    } catch (error) {
      response.cancel(error instanceof Error ? error : new Error(String(error)));
      throw error;
    }
  }

  /** Whether an answer is decoded: of what has come of it much more may be still to be given. */
  get decodes(): boolean {
    return this.#decoded !== undefined;
  }

  /** Makes an answer that was begun break off; also what has come of it and was not decoded yet is not given any more. */
  cut(why: Error): void {
    this.#decoded?.cancel(why);
  }

  /** Writes down whose secrets were found, and lets go of the patterns. */
  end(): void {
    this.#set.release();
    for (const credential of this.#found) this.#note(credential);
  }

  /** What messages of a WebSocket are searched for. */
  get set(): ScrubSet<ProxyCredential> {
    return this.#set;
  }

  /**
   * A secret was found in a message of a WebSocket, whose end may be far: that is written down, once, and counted each time.
   *
   * @throws {Refusal} 429 `too_many_hits`.
   */
  foundInMessage(credential: ProxyCredential): void {
    if (this.#noted.has(credential)) this.#count(credential);
    else this.#note(credential);
    this.#requireUnguessed();
  }

  #note(credential: ProxyCredential): void {
    if (this.#noted.has(credential)) return;
    this.#noted.add(credential);
    this.#count(credential);
    this.#services.audit.note({
      event: "ResponseScrubbed",
      credential: credential.name,
      project: credential.project,
      tokenFingerprint: credential.tokenFingerprint,
      reason: "its value was in the response",
      ...this.#context.auditTarget(),
    });
  }

  /** What shows without its token may have been guessed. */
  #count({ id }: ProxyCredential): void {
    const carried = this.#context.credentials().some((credential) => credential.id === id);
    if (!carried) this.#services.scrubHits.note(id);
  }

  /** Refuses to ask a host again that has shown some value too often to requests without its token; see {@linkcode HitLimit}. */
  #requireUnguessed(): void {
    const { scrubHits } = this.#services;
    if (scrubHits.isEmpty) return;
    const carried = this.#context.credentials();
    for (const owner of this.#set.owners) {
      const seconds = scrubHits.wait(owner.id);
      if (seconds === 0 || carried.some(({ id }) => id === owner.id)) continue;
      throw new Refusal(429, {
        code: "too_many_hits",
        message:
          `cannot carry the request: answers of this host held the value of '${owner.name}' very often, ` +
          "and the request does not carry its token",
        hint: `wait ${seconds} s, or send the token of '${owner.name}'`,
        credential: owner,
        retryAfter: seconds,
      });
    }
  }

  async #respond(request: IncomingRequest, response: UpstreamResponse, fields: HeaderField[]): Promise<void> {
    const { status, headers } = response.head;
    const encoding = headers.getAll("content-encoding").join(",");
    if (response.framing.kind === "none") {
      const described = encoding !== "" && status !== 304 ? describeChanged(fields) : fields;
      return await request.respond(status, described, response);
    }
    const codings = parseCodings(encoding);
    const body = codings.reduceRight<BodySource>((coded, coding) => new DecodedBody(coded, coding), response);
    if (codings.length > 0) this.#decoded = body;
    if (codings.length > 0 && response.length !== null) {
      return await request.respond(status, describeChanged(fields), this.#scrubbed(await primed(body)));
    }
    if (response.length === null || response.length > GATHER_LIMIT) {
      return await request.respond(status, describeChanged(fields), this.#scrubbed(body));
    }
    const { bytes, rest } = gather(body);
    if (rest !== null) return await request.respond(status, describeChanged(fields), this.#scrubbed(rest));
    const scrubbed = scrubBytes(this.#set, bytes, this.#onFound);
    await request.respond(status, scrubbed === bytes ? fields : describeChanged(fields), scrubbed);
  }

  #scrubbed(body: BodySource): ScrubbedBody<ProxyCredential> {
    return new ScrubbedBody(body, this.#set, this.#onFound);
  }
}
