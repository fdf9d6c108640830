-- Room on each page for the next versions of its rows: a claim, and what converge learns under it, change no indexed column, so
-- that they are written beside the row they replace and into no index. Pages that are full already fill up as they were.
ALTER TABLE managed_account SET (fillfactor = 60);
