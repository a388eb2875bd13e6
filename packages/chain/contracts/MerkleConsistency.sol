// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/**
 * @title RFC 6962 consistency proofs, checked on chain
 * @notice Says whether one tree begins with all the leaves of another. Hashing as in RFC 6962 section 2.1, the check as
 * in RFC 9162 section 2.1.4.2, sizes up to 2^64 - 1. At most two SHA-256 a proof hash.
 */
library MerkleConsistency {
    /// @dev SHA-256 of nothing: the root of the tree without leaves (RFC 6962 section 2.1).
    bytes32 internal constant EMPTY_ROOT = 0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855;

    /**
     * @notice Whether `proof` shows that the tree (`newSize`, `newRoot`) begins with the tree (`oldSize`, `oldRoot`).
     * @dev From the empty tree and between equal trees the proof must be empty. Never reverts for a wrong proof.
     * Work is bounded by the sizes, not by the proof: it is given up at the first hash too many.
     */
    function isConsistent(
        uint64 oldSize,
        bytes32 oldRoot,
        uint64 newSize,
        bytes32 newRoot,
        bytes32[] calldata proof
    ) internal view returns (bool) {
        if (oldSize > newSize) return false;
        if (oldSize == newSize) return proof.length == 0 && oldRoot == newRoot;
        if (oldSize == 0) return proof.length == 0 && oldRoot == EMPTY_ROOT;

        uint256 position = oldSize - 1;
        uint256 last = newSize - 1;
        while (position & 1 == 1) {
            position >>= 1;
            last >>= 1;
        }
        // Where the old size is a power of two, its root is itself the first hash, and the proof leaves it out.
        uint256 next = 0;
        bytes32 first = oldRoot;
        if (position != 0) {
            if (proof.length == 0) return false;
            first = proof[0];
            next = 1;
        }
        bytes32 oldHash = first;
        bytes32 newHash = first;
        for (; next < proof.length; ++next) {
            if (last == 0) return false;
            bytes32 sibling = proof[next];
            if (position & 1 == 1 || position == last) {
                oldHash = nodeHash(sibling, oldHash);
                newHash = nodeHash(sibling, newHash);
                while (position & 1 == 0 && position != 0) {
                    position >>= 1;
                    last >>= 1;
                }
            } else {
                newHash = nodeHash(newHash, sibling);
            }
            position >>= 1;
            last >>= 1;
        }
        return last == 0 && oldHash == oldRoot && newHash == newRoot;
    }

    /**
     * @notice Hash of an inner node: SHA-256(0x01 || left || right) (RFC 6962 section 2.1).
     * @dev Writes the 65 bytes above the free memory pointer without moving it: a proof of 60 hashes then costs no
     * memory, where `sha256(abi.encodePacked(...))` would take 128 bytes more with each.
     */
    function nodeHash(bytes32 left, bytes32 right) internal view returns (bytes32 hash) {
        assembly ("memory-safe") {
            let input := mload(0x40)
            mstore8(input, 0x01)
            mstore(add(input, 0x01), left)
            mstore(add(input, 0x21), right)
            // Precompile 2 is SHA-256 (Ethereum yellow paper, appendix E); it fails only for want of gas.
            if iszero(staticcall(gas(), 0x02, input, 0x41, 0x00, 0x20)) { revert(0x00, 0x00) }
            hash := mload(0x00)
        }
    }
}
