/**
 * How the embedded server is set up. Given on its command line, so that what runs is what stands here and nothing in the
 * data folder can change it.
 *
 * Durability is PostgreSQL's default and spelled out. Nothing that a statement carries may reach the server's own log:
 * messages below LOG (errors name offending values), statements, parameters and details are all off.
 *
 * @param memory bytes of main memory of the machine
 */
export function serverSettings(memory: number): Record<string, string> {
  const megabytes = Math.floor(memory / 2 ** 20);
  return {
    // durability
    fsync: 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',
    // size: the server shares the machine with Node
    shared_buffers: `${clamp(Math.floor(megabytes / 8), 128, 2048)}MB`,
    effective_cache_size: `${clamp(Math.floor(megabytes / 2), 256, 65_536)}MB`,
    maintenance_work_mem: `${clamp(Math.floor(megabytes / 32), 64, 512)}MB`,
    work_mem: '8MB',
    max_connections: '100',
    temp_file_limit: '8GB',
    // fewer checkpoints, so fewer full pages in the log; recovery of this much takes seconds
    max_wal_size: '2GB',
    min_wal_size: '256MB',
    checkpoint_timeout: '15min',
    // sealed bodies do not compress
    wal_compression: 'off',
    // short statements gain nothing from either; analytics has its own engine
    jit: 'off',
    max_parallel_workers_per_gather: '0',
    random_page_cost: '1.1',
    // no record text in the log
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    log_statement: 'none',
    log_duration: 'off',
    log_min_duration_statement: '-1',
    log_min_duration_sample: '-1',
    log_transaction_sample_rate: '0',
    log_parameter_max_length: '0',
    log_parameter_max_length_on_error: '0',
    log_autovacuum_min_duration: '-1',
    log_checkpoints: 'off',
    log_lock_waits: 'off',
    log_temp_files: '-1',
    log_connections: '',
    log_disconnections: 'off',
    logging_collector: 'off',
    log_destination: 'stderr',
    lc_messages: 'C',
    // the same everywhere
    timezone: 'UTC',
    log_timezone: 'UTC',
    allow_alter_system: 'off',
    password_encryption: 'scram-sha-256',
  };
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
