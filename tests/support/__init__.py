"""What tests share: captures, a run of the pipeline, frames made by hand."""
