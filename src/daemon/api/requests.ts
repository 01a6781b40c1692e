/**
 * Operations on requests that went through the proxy: parameters and results. See `../api.ts`.
 *
 * @module
 */

/** A request that was refused, as it is told of. */
export interface RefusalView {
  /** The id that its answer carried. */
  id: string;
  /** When, ms since the epoch. */
  at: number;
  /** Status of the answer; null if it is not known any more. */
  status: number | null;
  /** Stable machine-readable name, or the reason that the log keeps. */
  code: string;
  /** What failed and why; null if it is not known any more. */
  message: string | null;
  /** What mends it; null if it is not known. */
  hint: string | null;
  /** Its method. */
  method: string | null;
  /** Where it went: `host` or `host:port`. */
  host: string | null;
  /** Path without query. */
  path: string | null;
  /** Name of its caller; null for plain ones. */
  caller: string | null;
  /** Name of the credential concerned. */
  credential: string | null;
  /** Name of the policy that objected. */
  policy: string | null;
}

/** The operations. */
export interface RequestOperations {
  /** Why a request was refused: from memory, else what the log says of it; null if neither knows it. Works locked. */
  "request.explain": { params: { id: string }; result: { refusal: RefusalView | null } };
}
