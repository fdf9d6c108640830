-- Room on each page for the next versions of its rows: a claim, and what is written before a disable leaves, change no indexed
-- column, so that they are written beside the row they replace and into no index. Pages that are full already stay as they are.
ALTER TABLE managed_account SET (fillfactor = 60);
