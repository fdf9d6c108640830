-- Ends of a customer come sooner by a lead that was confirmed while somebody held some of the rows: these are still to be told.
ALTER TABLE tenant_clock ADD COLUMN unreached uuid[] NOT NULL DEFAULT '{}';
ALTER TABLE tenant_clock ADD CONSTRAINT tenant_clock_unreached CHECK (cardinality(unreached) <= 1000);
