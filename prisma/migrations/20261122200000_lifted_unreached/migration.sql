-- An alarm about a hold that has not reached every account says what the hold still forbids, and a lifted one forbids nothing.
GRANT SELECT (lifted_at) ON hold TO curfew_clockwork;
