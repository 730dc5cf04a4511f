from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0011_support_path'),
    ]

    operations = [
        migrations.AddField(
            model_name='account',
            name='suspended_by',
            field=models.UUIDField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='account',
            name='closed_by',
            field=models.UUIDField(blank=True, null=True),
        ),
    ]
