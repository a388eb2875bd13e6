// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {MerkleConsistency} from "./MerkleConsistency.sol";
import {OrgRegistry} from "./OrgRegistry.sol";

/**
 * @title Heads of transparency logs
 * @notice Keeps the newest head (size, root, block) of each registered log and accepts a newer one only with proof that it
 * continues the old. Has no owner and no switch: nobody can take an anchor back, its deployer included.
 *
 * What it shows: the tree that had `root` at `size` existed by the time of the block, and every head accepted later for
 * this log begins with that tree. What it does not show: that the leaves are true, or that the log published them.
 *
 * Who signs what. The EVM checks no Ed25519 or ML-DSA signature at a bearable price, so a checkpoint of the log means
 * nothing here. Instead every log has a secp256k1 anchoring key in OrgRegistry, which signs head statements:
 * EIP-712 typed data `Head(bytes32 log,uint64 size,bytes32 root)`. A statement is what `anchor` asks for, and may be given
 * to anyone beside a checkpoint. A log with one history never signs two that contradict each other; if it does, anyone
 * who holds both can show them to `reportFork`.
 *
 * The EIP-712 domain holds a name and a version but neither chain nor contract. That is meant: a log that tells one chain
 * one history and another chain another has forked all the same, and the proof must be usable on both. Showing a
 * statement elsewhere does no harm: it is the log's own word about itself, and a consistency proof is asked for everywhere.
 */
contract LogAnchor {
    using MerkleConsistency for uint64;

    struct Head {
        bytes32 root;
        uint64 size;
        uint64 blockNumber;
        /// Seconds since 1970, as the block says.
        uint64 time;
        bool forked;
    }

    /// What the anchoring key of a log said: it had this root at this size.
    struct Statement {
        uint64 size;
        bytes32 root;
        /// 65 bytes r, s, v over the EIP-712 digest (see statementDigest).
        bytes signature;
    }

    bytes32 public constant HEAD_TYPEHASH = keccak256("Head(bytes32 log,uint64 size,bytes32 root)");

    OrgRegistry public immutable registry;
    bytes32 public immutable domainSeparator;

    /// @notice Newest head of each log; size zero where none was anchored.
    mapping(bytes32 log => Head) public heads;

    /// @param previousBlock Block of the log's anchor before this one, zero for the first: history can be walked
    /// backwards, one block at a time, with no scan.
    event Anchored(bytes32 indexed log, uint64 size, bytes32 root, uint64 previousBlock);
    /// @param rootOfEarlier The root that the first `earlierSize` leaves of the later tree have.
    event Forked(
        bytes32 indexed log,
        uint64 earlierSize,
        bytes32 earlierRoot,
        bytes32 rootOfEarlier,
        uint64 laterSize,
        bytes32 laterRoot
    );

    /// The log is not registered, or its organisation is suspended.
    error LogNotActive(bytes32 log);
    /// The log has signed two histories; it can be anchored no more.
    error LogHasForked(bytes32 log);
    /// An anchor must be larger than the one before.
    error SizeNotGrown(uint64 anchoredSize, uint64 size);
    /// The signature is not that of the anchoring key of the log.
    error WrongSigner(bytes32 log, address signer);
    /// The proof does not show that the new tree begins with the anchored one.
    error NotConsistent();
    /// The statements do not contradict each other.
    error NoContradiction();

    constructor(OrgRegistry registry_) {
        registry = registry_;
        domainSeparator = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version)"),
                keccak256("Meridian log head"),
                keccak256("1")
            )
        );
    }

    /**
     * @notice Records a newer head of a log. Anyone may pay for it: the log's own signature and proof are what counts.
     * @param log Identifier of the log in the registry.
     * @param statement The new head, signed by the log's present anchoring key.
     * @param proof RFC 6962 consistency proof from the anchored head; empty for the first anchor.
     */
    function anchor(bytes32 log, Statement calldata statement, bytes32[] calldata proof) external {
        Head storage head = heads[log];
        uint64 anchoredSize = head.size;
        if (head.forked) revert LogHasForked(log);
        if (statement.size <= anchoredSize) revert SizeNotGrown(anchoredSize, statement.size);
        address key = registry.activeAnchoringKey(log);
        if (key == address(0)) revert LogNotActive(log);
        address signer = _signerOf(log, statement);
        if (signer != key) revert WrongSigner(log, signer);
        bytes32 anchoredRoot = anchoredSize == 0 ? MerkleConsistency.EMPTY_ROOT : head.root;
        if (!anchoredSize.isConsistent(anchoredRoot, statement.size, statement.root, proof)) revert NotConsistent();

        emit Anchored(log, statement.size, statement.root, head.blockNumber);
        heads[log] = Head(statement.root, statement.size, uint64(block.number), uint64(block.timestamp), false);
    }

    /**
     * @notice Marks a log that has signed two histories, on the word of nobody but the log.
     * @dev Two statements of one size contradict each other by having different roots; `rootOfEarlier` and `proof` are
     * then `later.root` and empty. Statements of different sizes contradict each other where the later tree begins with
     * another tree than the one that was signed: `rootOfEarlier` is the root that its first `earlier.size` leaves do have,
     * and `proof` is the consistency proof from there. SHA-256 being collision resistant, such a proof exists only
     * for the true root, so a log with one history cannot be marked by anyone without its key.
     * The keys may be any that the log ever had.
     */
    function reportFork(
        bytes32 log,
        Statement calldata earlier,
        Statement calldata later,
        bytes32 rootOfEarlier,
        bytes32[] calldata proof
    ) external {
        if (heads[log].forked) revert LogHasForked(log);
        _requireSignedByLog(log, earlier);
        _requireSignedByLog(log, later);
        if (earlier.root == rootOfEarlier) revert NoContradiction();
        if (!earlier.size.isConsistent(rootOfEarlier, later.size, later.root, proof)) revert NotConsistent();
        heads[log].forked = true;
        emit Forked(log, earlier.size, earlier.root, rootOfEarlier, later.size, later.root);
    }

    /// @notice What an anchoring key signs: the EIP-712 digest of a head.
    function statementDigest(bytes32 log, uint64 size, bytes32 root) public view returns (bytes32) {
        bytes32 structHash = keccak256(abi.encode(HEAD_TYPEHASH, log, size, root));
        return keccak256(abi.encodePacked(hex"1901", domainSeparator, structHash));
    }

    /// @notice The check that `anchor` makes, for anyone to call: see MerkleConsistency.
    function isConsistent(uint64 oldSize, bytes32 oldRoot, uint64 newSize, bytes32 newRoot, bytes32[] calldata proof)
        external
        view
        returns (bool)
    {
        return oldSize.isConsistent(oldRoot, newSize, newRoot, proof);
    }

    function _requireSignedByLog(bytes32 log, Statement calldata statement) private view {
        address signer = _signerOf(log, statement);
        if (!registry.wasAnchoringKey(log, signer)) revert WrongSigner(log, signer);
    }

    /// @dev Reverts for a signature that is malformed or has a high s (EIP-2).
    function _signerOf(bytes32 log, Statement calldata statement) private view returns (address) {
        return ECDSA.recoverCalldata(
            statementDigest(log, statement.size, statement.root), statement.signature
        );
    }
}
