// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    AccessControlDefaultAdminRules
} from "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";

/**
 * @title Organisations, their logs and their witnesses
 * @notice Who answers for which transparency log. Holds keys and hashes only: an organisation is 32 bytes of its own
 * choosing, a log is the hash of its origin, a C2SP verifier key is its SHA-256. No name of anybody.
 *
 * Roles: one default admin (two-step, delayed hand-over, by OpenZeppelin) appoints registrars. A registrar admits and
 * suspends organisations and can do nothing in their name. An organisation's controller registers its logs and witnesses.
 * Nothing is ever removed: what was relied on stays readable.
 */
contract OrgRegistry is AccessControlDefaultAdminRules {
    bytes32 public constant REGISTRAR_ROLE = keccak256("REGISTRAR_ROLE");

    struct Organisation {
        /// Account that acts for the organisation; zero where there is no such organisation.
        address controller;
        /// A suspended organisation can neither register nor anchor. What it did stays.
        bool suspended;
        /// Account that may take over as controller once it accepts.
        address nextController;
    }

    struct Log {
        bytes32 organisation;
        /// SHA-256 of the C2SP verifier key by which the log signs its checkpoints.
        bytes32 verifierKeyHash;
        /// secp256k1 account that signs head statements now (see LogAnchor); zero where there is no such log.
        address anchoringKey;
    }

    mapping(bytes32 organisation => Organisation) public organisations;
    mapping(bytes32 log => Log) public logs;
    /// @notice Whether this key is, or was at any time, the anchoring key of the log.
    mapping(bytes32 log => mapping(address key => bool)) public wasAnchoringKey;
    /// @notice Organisation that runs the witness with this SHA-256 of a C2SP verifier key; zero where unknown.
    mapping(bytes32 verifierKeyHash => bytes32 organisation) public witnesses;

    event OrganisationRegistered(bytes32 indexed organisation, address indexed controller);
    event OrganisationSuspended(bytes32 indexed organisation, bool suspended);
    event ControllerProposed(bytes32 indexed organisation, address indexed next);
    event ControllerChanged(bytes32 indexed organisation, address indexed controller);
    event LogRegistered(
        bytes32 indexed log,
        bytes32 indexed organisation,
        bytes32 originHash,
        bytes32 verifierKeyHash,
        address anchoringKey
    );
    event LogKeysChanged(bytes32 indexed log, bytes32 verifierKeyHash, address anchoringKey);
    event WitnessRegistered(bytes32 indexed verifierKeyHash, bytes32 indexed organisation);

    /// A key, an identifier or a hash is zero, which would mean "none".
    error ZeroValue();
    error OrganisationExists(bytes32 organisation);
    error LogExists(bytes32 log);
    error UnknownLog(bytes32 log);
    error WitnessExists(bytes32 verifierKeyHash);
    /// The caller is not the controller of this organisation, or the organisation is suspended.
    error NotController(bytes32 organisation, address caller);
    error NotNextController(bytes32 organisation, address caller);
    error UnknownOrganisation(bytes32 organisation);

    /**
     * @param adminDelay Seconds between the proposal of a new default admin and its acceptance.
     * @param admin First default admin, and first registrar.
     */
    constructor(uint48 adminDelay, address admin) AccessControlDefaultAdminRules(adminDelay, admin) {
        _grantRole(REGISTRAR_ROLE, admin);
    }

    modifier onlyController(bytes32 organisation) {
        _requireController(organisation);
        _;
    }

    /**
     * @notice Identifier of a log: its organisation and the SHA-256 of its origin line (C2SP tlog-checkpoint).
     * @dev With the organisation inside, nobody can take the origin of somebody else's log first.
     */
    function logIdOf(bytes32 organisation, bytes32 originHash) public pure returns (bytes32) {
        return keccak256(abi.encode(organisation, originHash));
    }

    /// @notice Admits an organisation. Registrars only.
    function registerOrganisation(bytes32 organisation, address controller) external onlyRole(REGISTRAR_ROLE) {
        if (organisation == 0 || controller == address(0)) revert ZeroValue();
        if (organisations[organisation].controller != address(0)) revert OrganisationExists(organisation);
        organisations[organisation].controller = controller;
        emit OrganisationRegistered(organisation, controller);
    }

    /// @notice Suspends an organisation or lets it act again. Registrars only.
    function setSuspended(bytes32 organisation, bool suspended) external onlyRole(REGISTRAR_ROLE) {
        if (organisations[organisation].controller == address(0)) revert UnknownOrganisation(organisation);
        organisations[organisation].suspended = suspended;
        emit OrganisationSuspended(organisation, suspended);
    }

    /// @notice First half of a change of controller. `next` zero withdraws the proposal.
    function proposeController(bytes32 organisation, address next) external onlyController(organisation) {
        organisations[organisation].nextController = next;
        emit ControllerProposed(organisation, next);
    }

    /// @notice Second half: the new controller shows that it has its key before the old one lets go.
    function acceptController(bytes32 organisation) external {
        Organisation storage held = organisations[organisation];
        if (held.nextController != msg.sender) revert NotNextController(organisation, msg.sender);
        held.controller = msg.sender;
        held.nextController = address(0);
        emit ControllerChanged(organisation, msg.sender);
    }

    /**
     * @notice Registers a log, so that it can be anchored.
     * @param originHash SHA-256 of the origin line of its checkpoints.
     * @param verifierKeyHash SHA-256 of its C2SP verifier key (the text, without a newline).
     * @param anchoringKey Account that will sign its head statements.
     */
    function registerLog(bytes32 organisation, bytes32 originHash, bytes32 verifierKeyHash, address anchoringKey)
        external
        onlyController(organisation)
        returns (bytes32 log)
    {
        if (originHash == 0 || verifierKeyHash == 0 || anchoringKey == address(0)) revert ZeroValue();
        log = logIdOf(organisation, originHash);
        if (logs[log].anchoringKey != address(0)) revert LogExists(log);
        logs[log] = Log(organisation, verifierKeyHash, anchoringKey);
        wasAnchoringKey[log][anchoringKey] = true;
        emit LogRegistered(log, organisation, originHash, verifierKeyHash, anchoringKey);
    }

    /**
     * @notice Gives a log new keys.
     * @dev The old anchoring key can anchor no more but answers for what it signed for ever: otherwise a log could sign
     * two histories, change its key, and be innocent. So destroy the old key; whoever finds it could only get the log
     * marked as forked, never have a false head accepted.
     */
    function changeLogKeys(bytes32 log, bytes32 verifierKeyHash, address anchoringKey) external {
        Log storage held = logs[log];
        if (held.anchoringKey == address(0)) revert UnknownLog(log);
        _requireController(held.organisation);
        if (verifierKeyHash == 0 || anchoringKey == address(0)) revert ZeroValue();
        held.verifierKeyHash = verifierKeyHash;
        held.anchoringKey = anchoringKey;
        wasAnchoringKey[log][anchoringKey] = true;
        emit LogKeysChanged(log, verifierKeyHash, anchoringKey);
    }

    /// @notice Makes known that the organisation runs the witness with this key.
    function registerWitness(bytes32 organisation, bytes32 verifierKeyHash) external onlyController(organisation) {
        if (verifierKeyHash == 0) revert ZeroValue();
        if (witnesses[verifierKeyHash] != 0) revert WitnessExists(verifierKeyHash);
        witnesses[verifierKeyHash] = organisation;
        emit WitnessRegistered(verifierKeyHash, organisation);
    }

    /// @notice Key that may anchor the log now; zero where there is no such log or its organisation is suspended.
    function activeAnchoringKey(bytes32 log) external view returns (address) {
        Log storage held = logs[log];
        return organisations[held.organisation].suspended ? address(0) : held.anchoringKey;
    }

    function _requireController(bytes32 organisation) private view {
        Organisation storage held = organisations[organisation];
        if (held.controller != msg.sender || held.suspended) revert NotController(organisation, msg.sender);
    }
}
