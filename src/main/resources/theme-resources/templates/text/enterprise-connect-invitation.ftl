<#ftl output_format="plainText">
${msg("enterpriseConnectInvitationMailGreeting")}

<#if organizationName == applicationName && sender?has_content>
${msg("enterpriseConnectInvitationMailFromOfRealm", sender, applicationName)}
<#elseif organizationName == applicationName>
${msg("enterpriseConnectInvitationMailTextOfRealm", applicationName)}
<#elseif sender?has_content>
${msg("enterpriseConnectInvitationMailFrom", sender, organizationName, applicationName)}
<#else>
${msg("enterpriseConnectInvitationMailText", organizationName, applicationName)}
</#if>

${msg("enterpriseConnectInvitationMailWhat")}

${link}

${msg("enterpriseConnectInvitationExpires", expires)}

${msg("enterpriseConnectInvitationMailUnexpected")}
