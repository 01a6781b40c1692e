/**
 * Commands run in-process on a real vault without a daemon: the password opens it anew for each, as it does for a person.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Backend } from "../../src/cli/backend.ts";
import { utf8 } from "../../src/core/bytes.ts";
import type { CredentialDraft } from "../../src/core/credential.ts";
import { DirectClient } from "../../src/daemon/direct.ts";
import { Vault } from "../../src/vault/mod.ts";
import { FakeVault, type Ran, run } from "../cli/fake.ts";
import { CHEAP_KDF } from "../vault/cheap_kdf.ts";
import { PASSPHRASE } from "./support.ts";

/** The master password of these vaults. */
export const MASTER = "correct horse battery";

/** A directory with a vault, files in memory, and commands that work on both. */
export class VaultHome implements AsyncDisposable {
  /** Files that commands read and write. */
  readonly files: Record<string, Uint8Array> = {};
  /** The vault's directory. */
  readonly directory: string;
  readonly #top: string;

  private constructor(top: string) {
    this.#top = top;
    this.directory = `${top}/vault`;
  }

  /** Makes one with an empty vault. */
  static async create(): Promise<VaultHome> {
    const home = new VaultHome(await Deno.makeTempDir({ prefix: "wk-sharing-" }));
    (await Vault.create(home.directory, utf8(MASTER), CHEAP_KDF)).close();
    return home;
  }

  /** Opens the vault for `work`. */
  async vault<T>(work: (vault: Vault) => T): Promise<T> {
    const vault = await Vault.open(this.directory, utf8(MASTER), CHEAP_KDF);
    try {
      return work(vault);
    } finally {
      vault.close();
    }
  }

  /** Adds credentials with their values; project and partition are made if need be. */
  async fill(
    all: readonly (Partial<CredentialDraft> & {
      name: string;
      value: Uint8Array;
      project?: string;
      partition?: string;
    })[],
  ): Promise<void> {
    await this.vault((vault) => {
      vault.transaction(() => {
        for (const { value, project = "default", partition = "personal", ...changes } of all) {
          const { id: projectId } = vault.projects.getByName(project) ??
            vault.projects.create({ name: project, description: `about ${project}` });
          const { id: partitionId } = vault.partitions.getByName(projectId, partition) ??
            vault.partitions.create({ projectId, name: partition, description: `about ${partition}` });
          const base = { description: "", type: "bearer_token" as const, place: null, hosts: [], tags: [] };
          vault.credentials.add({ ...base, ...changes, projectId, partitionId }, value);
        }
      });
    });
  }

  /** Runs a command; the environment has master password and bundle passphrase unless it says otherwise. */
  run(args: readonly string[], options: Parameters<typeof run>[1] = {}): Promise<Ran> {
    const env = { WISPKEY_PASSWORD: MASTER, WISPKEY_BUNDLE_PASSPHRASE: PASSPHRASE, ...options.env };
    return run(args, {
      files: this.files,
      ...options,
      env,
      backend: this.#backend(),
      vaultDir: this.directory,
    });
  }

  /** Runs a command that must succeed, and answers what it printed as JSON. */
  // deno-lint-ignore no-explicit-any -- the shapes are asserted by the tests that read them
  async json(...args: string[]): Promise<any> {
    const ran = await this.run([...args, "--json"]);
    assert.equal(ran.code, 0, ran.stderr);
    return JSON.parse(ran.stdout);
  }

  /** Everything in the vault that a bundle carries, and that the vault adds up. */
  async content(): Promise<Record<string, string>> {
    return await this.vault((vault) => {
      assert.deepEqual(vault.verify().problems, []);
      const projects = new Map(vault.projects.list().map((each) => [each.id, each]));
      const partitions = new Map(vault.partitions.list().map((each) => [each.id, each]));
      const all: Record<string, string> = {};
      for (const each of vault.credentials.list()) {
        const { name, description, type, place, hosts, tags, id } = each;
        const value = vault.credentials.openValue(id).toHex();
        const where = `${projects.get(each.projectId)?.name}/${
          partitions.get(each.partitionId)?.name
        }/${name}`;
        all[where] = JSON.stringify({ description, type, place, hosts, tags, value });
      }
      for (const { name, description } of projects.values()) all[`project ${name}`] = description;
      for (const { name, projectId, description } of partitions.values()) {
        all[`partition ${projects.get(projectId)?.name}/${name}`] = description;
      }
      return all;
    });
  }

  #backend(): Backend {
    const { directory } = this;
    return {
      ...new FakeVault().backend(),
      exists: () => Promise.resolve(true),
      connect: () => Promise.resolve(null),
      openDirect: async (password) => new DirectClient(await Vault.open(directory, password, CHEAP_KDF)),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#top, { recursive: true });
  }
}
