"""The audit log, for administrators and auditors. Reading it is recorded like everything else."""
