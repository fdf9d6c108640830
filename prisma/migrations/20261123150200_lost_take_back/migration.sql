-- Tiers that are lost, for the alarms: none is the rule, and looking for them costs as much.
CREATE INDEX take_back_proof_lost ON take_back_proof (organization_id, customer_id) WHERE verdict = 'lost';
