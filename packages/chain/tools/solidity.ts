import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** The part of the npm package `solc` used here: standard JSON in and out (Solidity docs, "Using the Compiler"). */
interface Solc {
  version(): string;
  compile(input: string, callbacks: { import(path: string): { contents: string } | { error: string } }): string;
}

interface CompilerOutput {
  errors?: { severity: string; formattedMessage: string }[];
  contracts?: Record<string, Record<string, { abi: unknown[]; evm: { bytecode: { object: string } } }>>;
}

/** A compiled contract, as it is kept in `generated/`. */
export interface Artifact {
  contract: string;
  compiler: string;
  settings: typeof SETTINGS;
  /** SHA-256 over every source that went in, OpenZeppelin's too: name, zero byte, text, zero byte, in order of name. */
  sourceHash: string;
  abi: unknown[];
  /** To be deployed, with the constructor's arguments after it. `0x` and hexadecimal digits. */
  bytecode: string;
}

const SETTINGS = {
  // Shanghai: the newest that every client for private chains runs; the contracts gain nothing from later ones.
  evmVersion: 'shanghai',
  optimizer: { enabled: true, runs: 10_000 },
  // no hash of the sources at the end of the code: a comment then changes nothing
  metadata: { appendCBOR: false, bytecodeHash: 'none' },
  outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } },
} as const;

/** The contracts that are deployed; libraries are compiled into them. */
const DEPLOYED = ['LogAnchor', 'OrgRegistry'] as const;

/** Compiles everything in `contracts/`. Throws with the compiler's own words on any error or warning. */
export function compileContracts(): Artifact[] {
  const solc = require('solc') as Solc;
  const folder = new URL('../contracts/', import.meta.url);
  const sources = new Map<string, string>();
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.sol'))) {
    sources.set(name, readFileSync(new URL(name, folder), 'utf8'));
  }
  const input = {
    language: 'Solidity',
    settings: SETTINGS,
    sources: Object.fromEntries([...sources].map(([name, content]) => [name, { content }])),
  };
  const imported = (path: string): { contents: string } | { error: string } => {
    if (!path.startsWith('@openzeppelin/contracts/')) return { error: 'Only OpenZeppelin is imported from outside.' };
    const contents = readFileSync(require.resolve(path), 'utf8');
    sources.set(path, contents);
    return { contents };
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: imported })) as CompilerOutput;
  const complaints = output.errors?.filter(({ severity }) => severity !== 'info') ?? [];
  if (complaints.length > 0) throw new Error(complaints.map((each) => each.formattedMessage).join('\n'));
  const sourceHash = hashOf(sources);
  return DEPLOYED.map((contract) => {
    const compiled = output.contracts?.[`${contract}.sol`]?.[contract];
    if (compiled === undefined) throw new Error(`The compiler gave no ${contract}; is its file named for it?`);
    const { abi, evm } = compiled;
    return {
      contract,
      compiler: solc.version(),
      settings: SETTINGS,
      sourceHash,
      abi,
      bytecode: `0x${evm.bytecode.object}`,
    };
  });
}

/** The text of an artifact's file. */
export function formatArtifact(artifact: Artifact): string {
  return `${JSON.stringify(artifact, null, 1)}\n`;
}

function hashOf(sources: ReadonlyMap<string, string>): string {
  const hash = createHash('sha256');
  for (const name of [...sources.keys()].sort()) hash.update(`${name}\0${sources.get(name)}\0`);
  return hash.digest('hex');
}
