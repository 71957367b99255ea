resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name

  # Three in a row, on a grid 24 wide.
  dashboard_body = jsonencode({
    widgets = [for index, widget in local.widgets : {
      type   = "metric"
      x      = 8 * (index % 3)
      y      = 6 * floor(index / 3)
      width  = 8
      height = 6
      properties = {
        title   = widget.title
        stat    = widget.stat
        period  = local.minute
        region  = data.aws_region.current.id
        view    = "timeSeries"
        metrics = widget.metrics
      }
    }]
  })
}
