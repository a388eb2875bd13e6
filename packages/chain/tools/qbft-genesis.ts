import { type Address, type Hex, toHex, toRlp } from 'viem';

/**
 * Genesis of a QBFT chain that charges nothing for gas (Besu documentation, "Genesis file items", "QBFT", "Free gas
 * network"). Four validators stand one that fails or lies; blocks are final.
 *
 * @param validators their node addresses
 */
export function qbftGenesis(chainId: number, validators: readonly Address[]): object {
  return {
    config: {
      chainId,
      londonBlock: 0,
      // the contracts are compiled for Shanghai, which QBFT has since Besu 24.1
      shanghaiTime: 0,
      zeroBaseFee: true,
      qbft: { blockperiodseconds: 5, epochlength: 30_000, requesttimeoutseconds: 10 },
    },
    nonce: '0x0',
    timestamp: '0x0',
    // room for hundreds of anchors a block
    gasLimit: toHex(30_000_000),
    difficulty: '0x1',
    // marks blocks of BFT consensus, as Istanbul BFT has it (EIP-650)
    mixHash: '0x63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365',
    coinbase: '0x0000000000000000000000000000000000000000',
    alloc: {},
    extraData: qbftExtraData(validators),
  };
}

/** RLP of vanity (32 bytes), validators, vote (none), round (0) and seals (none): the QBFT specification, "extra data". */
export function qbftExtraData(validators: readonly Address[]): Hex {
  const none: Hex[] = [];
  return toRlp([toHex(new Uint8Array(32)), [...validators], none, '0x', none]);
}

/** Address of a node in the peer-to-peer network: its public key without the prefix of uncompressed points. */
export function enodeOf(publicKey: Hex, ip: string, port = 30_303): string {
  return `enode://${publicKey.slice(4)}@${ip}:${port}`;
}
