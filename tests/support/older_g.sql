-- Shape G: the tables as an SQL script of the older version made them, without Timescale.
CREATE TABLE sensors (
    id VARCHAR(64) PRIMARY KEY,
    name VARCHAR(128),
    status VARCHAR(20) DEFAULT 'offline',
    last_heartbeat TIMESTAMPTZ,
    created_at TIMESTAMPTZ DEFAULT NOW(),
    config JSONB DEFAULT '{}'
);
CREATE TABLE telemetry (
    id BIGSERIAL,
    sensor_id VARCHAR(64) NOT NULL,
    batch_id VARCHAR(64),
    timestamp TIMESTAMPTZ NOT NULL,
    ingested_at TIMESTAMPTZ DEFAULT NOW(),
    bssid VARCHAR(17) NOT NULL,
    ssid VARCHAR(32),
    channel SMALLINT,
    rssi_dbm SMALLINT,
    frequency_mhz SMALLINT,
    security VARCHAR(20),
    capabilities JSONB DEFAULT '{}',
    rsn_info JSONB DEFAULT '{}',
    raw_data JSONB DEFAULT '{}',
    PRIMARY KEY (timestamp, id)
);
CREATE TABLE alerts (
    id VARCHAR(32) PRIMARY KEY,
    sensor_id VARCHAR(64) REFERENCES sensors (id),
    created_at TIMESTAMPTZ DEFAULT NOW(),
    alert_type VARCHAR(50) NOT NULL,
    severity VARCHAR(20) NOT NULL,
    title VARCHAR(200) NOT NULL,
    description TEXT,
    bssid VARCHAR(17),
    ssid VARCHAR(32),
    evidence JSONB DEFAULT '{}',
    reason_codes JSONB DEFAULT '[]',
    confidence DOUBLE PRECISION,
    impact DOUBLE PRECISION,
    risk_score DOUBLE PRECISION,
    mitre_attack VARCHAR(20),
    status VARCHAR(20) DEFAULT 'open',
    resolved_at TIMESTAMPTZ,
    resolved_by VARCHAR(64)
);
CREATE TABLE api_tokens (
    token_id VARCHAR(32) PRIMARY KEY,
    token_hash VARCHAR(64) NOT NULL UNIQUE,
    name VARCHAR(128),
    role VARCHAR(20) NOT NULL,
    sensor_id VARCHAR(64),
    created_at TIMESTAMPTZ DEFAULT NOW(),
    expires_at TIMESTAMPTZ,
    last_used TIMESTAMPTZ,
    last_sequence BIGINT DEFAULT 0,
    is_active BOOLEAN DEFAULT TRUE
);
CREATE TABLE audit_log (
    id BIGSERIAL PRIMARY KEY,
    timestamp TIMESTAMPTZ DEFAULT NOW(),
    event_type VARCHAR(50) NOT NULL,
    actor VARCHAR(64),
    resource VARCHAR(128),
    action VARCHAR(50),
    details JSONB DEFAULT '{}',
    ip_address INET
);
CREATE TABLE ingest_jobs (
    job_id VARCHAR(64) PRIMARY KEY,
    sensor_id VARCHAR(64) NOT NULL,
    received_at TIMESTAMPTZ DEFAULT NOW(),
    status VARCHAR(20) DEFAULT 'queued',
    payload JSONB,
    attempts INTEGER DEFAULT 0,
    next_attempt_at TIMESTAMPTZ DEFAULT NOW(),
    error_msg TEXT
);
CREATE INDEX idx_sensors_status ON sensors (status);
CREATE INDEX idx_telemetry_bssid ON telemetry (bssid, timestamp);
CREATE INDEX idx_telemetry_sensor_id ON telemetry (sensor_id, timestamp);
CREATE INDEX idx_alerts_created_at ON alerts (created_at);
CREATE INDEX idx_alerts_severity ON alerts (severity);
CREATE INDEX idx_alerts_status ON alerts (status);
CREATE INDEX idx_alerts_type ON alerts (alert_type);
CREATE INDEX idx_tokens_hash ON api_tokens (token_hash);
CREATE INDEX idx_audit_event_type ON audit_log (event_type);
CREATE INDEX idx_audit_timestamp ON audit_log (timestamp);
CREATE INDEX idx_jobs_status_next ON ingest_jobs (status, next_attempt_at);
