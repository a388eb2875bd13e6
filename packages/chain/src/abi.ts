import { parseAbi } from 'viem';

/**
 * The parts of the contracts that the client speaks to, as their Solidity declares them; a test holds them against the
 * compiled contracts.
 */
export const registryAbi = parseAbi([
  'constructor(uint48 adminDelay, address admin)',
  'function registerOrganisation(bytes32 organisation, address controller)',
  'function setSuspended(bytes32 organisation, bool suspended)',
  'function proposeController(bytes32 organisation, address next)',
  'function acceptController(bytes32 organisation)',
  'function registerLog(bytes32 organisation, bytes32 originHash, bytes32 verifierKeyHash, address anchoringKey) returns (bytes32 log)',
  'function changeLogKeys(bytes32 log, bytes32 verifierKeyHash, address anchoringKey)',
  'function registerWitness(bytes32 organisation, bytes32 verifierKeyHash)',
  'function organisations(bytes32 organisation) view returns (address controller, bool suspended, address nextController)',
  'function logs(bytes32 log) view returns (bytes32 organisation, bytes32 verifierKeyHash, address anchoringKey)',
  'function wasAnchoringKey(bytes32 log, address key) view returns (bool)',
  'function witnesses(bytes32 verifierKeyHash) view returns (bytes32 organisation)',
  'error ZeroValue()',
  'error OrganisationExists(bytes32 organisation)',
  'error LogExists(bytes32 log)',
  'error UnknownLog(bytes32 log)',
  'error WitnessExists(bytes32 verifierKeyHash)',
  'error NotController(bytes32 organisation, address caller)',
  'error NotNextController(bytes32 organisation, address caller)',
  'error UnknownOrganisation(bytes32 organisation)',
  'error AccessControlUnauthorizedAccount(address account, bytes32 neededRole)',
]);

export const anchorAbi = parseAbi([
  'struct Statement { uint64 size; bytes32 root; bytes signature; }',
  'constructor(address registry_)',
  'function registry() view returns (address)',
  'function anchor(bytes32 log, Statement statement, bytes32[] proof)',
  'function reportFork(bytes32 log, Statement earlier, Statement later, bytes32 rootOfEarlier, bytes32[] proof)',
  'function heads(bytes32 log) view returns (bytes32 root, uint64 size, uint64 blockNumber, uint64 time, bool forked)',
  'function statementDigest(bytes32 log, uint64 size, bytes32 root) view returns (bytes32)',
  'function isConsistent(uint64 oldSize, bytes32 oldRoot, uint64 newSize, bytes32 newRoot, bytes32[] proof) view returns (bool)',
  'event Anchored(bytes32 indexed log, uint64 size, bytes32 root, uint64 previousBlock)',
  'event Forked(bytes32 indexed log, uint64 earlierSize, bytes32 earlierRoot, bytes32 rootOfEarlier, uint64 laterSize, bytes32 laterRoot)',
  'error LogNotActive(bytes32 log)',
  'error LogHasForked(bytes32 log)',
  'error SizeNotGrown(uint64 anchoredSize, uint64 size)',
  'error WrongSigner(bytes32 log, address signer)',
  'error NotConsistent()',
  'error NoContradiction()',
  'error ECDSAInvalidSignature()',
  'error ECDSAInvalidSignatureLength(uint256 length)',
  'error ECDSAInvalidSignatureS(bytes32 s)',
]);
